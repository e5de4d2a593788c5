# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What every host script shares: messages, time, and where the caches are.

# CB_START, in seconds since the epoch, is inherited, so that every script of
# one run counts from the same moment.
: "${CB_START:=$(date +%s)}"
export CB_START

# say MSG...: a progress line with the seconds that have gone by.
say()
{
	printf '[%4ds] %s\n' $(($(date +%s) - CB_START)) "$*" >&2
}

# die MSG...: wrong usage, or the host lacks something.
die()
{
	printf 'chargeback: %s\n' "$*" >&2
	exit 2
}

# cb_cache: the folder for downloads and for what is built once a machine.
cb_cache()
{
	printf '%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}/chargeback"
}

# as_step LABEL LOG COMMAND...: runs COMMAND with its output in LOG, and says
# every few seconds how far LOG has grown.  Returns the command's status.
# A signal to the script ends the command with it.
as_step()
{
	step_label=$1 step_log=$2
	shift 2
	say "$step_label"
	"$@" >"$step_log" 2>&1 </dev/null &
	step_pid=$!
	step_ticker "$step_label" "$step_log" &
	tick_pid=$!
	trap 'kill "$step_pid" "$tick_pid" 2>/dev/null; wait; exit 130' INT
	trap 'kill "$step_pid" "$tick_pid" 2>/dev/null; wait; exit 143' TERM
	step_status=0
	wait "$step_pid" || step_status=$?
	kill "$tick_pid" 2>/dev/null || :
	wait "$tick_pid" 2>/dev/null || :
	trap - INT TERM
	return $step_status
}

# The ticker ends with its sleep, and when the step's own shell is gone.
step_ticker()
{
	trap 'kill "$tick_sleep" 2>/dev/null; exit 0' TERM
	while kill -0 $$ 2>/dev/null; do
		sleep 10 &
		tick_sleep=$!
		wait "$tick_sleep"
		say "$1: $(wc -l <"$2") lines of log"
	done
}

# log_tail LOG: the end of a log, for a failure's report.
log_tail()
{
	tail -n 15 "$1" >&2
}

# sha256 of standard input, the hex digits alone.
sha256()
{
	sha256sum | cut -d' ' -f1
}

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# apt under a private configuration: the machine's own mirror and keys, any
# suite of it.  Signatures are checked, no root is needed, and the machine's
# own apt state stays as it is.  Needs scripts/lib.sh and these variables:
#   cache    our cache           name   what messages begin with
#   suite    - for the machine's own suites, else a suite of the same mirror
#   kind     deb, or orig for source packages
#   package  the package

# repos CODENAME: the repositories of the machine's own release, the release
# itself before its updates, as lines "uri suite component".  Where none goes
# by the code name, all of them.
repos()
{
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets --no-release-info --format \
		'$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
	awk -v code="$1" '
		/^cdrom:/ || NF != 3 || seen[$0]++ { next }
		$2 == code { own = own $0 "\n"; next }
		index($2, code "-") == 1 { more = more $0 "\n"; next }
		{ rest = rest $0 "\n" }
		END { printf "%s", own == "" ? more rest : own more }'
}

# enter_apt: takes the lock of apt's private state for this suite and kind,
# $state, and writes the configuration.
enter_apt()
{
	command -v apt-get >/dev/null ||
		die "$name: apt-get is needed to download Debian packages"
	group=$suite-$kind
	[ "$suite" != - ] || group=own-$kind
	state=$cache/apt/$group
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial" \
		"$state/none"
	exec 7>"$state/lock"
	flock 7
	apt_config
}

# A mirror that has stood still for a while will do: what is pinned has its
# hash in `versions`, whatever the age of the index that leads to it.
apt_config()
{
	# shellcheck source=/dev/null
	own=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable} $ID")
	list=$(repos "${own% *}")
	[ -n "$list" ] ||
		die "$name: apt has no package sources on this machine"
	[ "$suite" = - ] || list="${list%% *} $suite main"
	key=/usr/share/keyrings/${own#* }-archive-keyring.gpg
	option=
	[ ! -r "$key" ] || option="[signed-by=$key]"
	type=deb
	[ "$kind" = deb ] || type=deb-src
	printf '%s\n' "$list" | sed "s|^|$type $option |" >"$state/sources.list"
	: >"$state/status"
	cat >"$state/apt.conf" <<-EOF
	Dir::State "$state";
	Dir::State::lists "$state/lists";
	Dir::State::status "$state/status";
	Dir::Cache "$state/cache";
	Dir::Cache::pkgcache "pkgcache.bin";
	Dir::Cache::srcpkgcache "srcpkgcache.bin";
	Dir::Etc::sourcelist "$state/sources.list";
	Dir::Etc::sourceparts "$state/none";
	Dir::Etc::preferences "$state/none/none";
	Dir::Etc::preferencesparts "$state/none";
	APT::Sandbox::User "root";
	APT::Update::Error-Mode "any";
	#clear APT::Update::Pre-Invoke;
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	Acquire::Check-Valid-Until "false";
	Acquire::Languages "none";
	Acquire::Retries "2";
	Acquire::http::Timeout "20";
	Acquire::https::Timeout "20";
	EOF
}

# apt TOOL ARG...: TOOL under the private configuration, complaints to a log.
apt()
{
	tool=$1
	shift
	LC_ALL=C "$tool" -q -c "$state/apt.conf" "$@" 2>"$state/log"
}

apt_error()
{
	sed -n 's/^E: //p' "$state/log" | head -n 1
}

update()
{
	say "$name: reading the package index, $group"
	apt apt-get update >/dev/null ||
		die "$name: the package index cannot be read: $(apt_error)"
	touch "$state/updated"
}

# offered NAME: the versions of the package in the index, in no order.
offered()
{
	apt apt-cache madison "$1" |
		awk -F' *[|] *' -v p="$1" \
			'{ sub(/^ */, "", $1) } $1 == p { print $2 }'
}

# newest: the highest of the versions on standard input.
newest()
{
	best=
	while read -r one; do
		if [ -z "$best" ] || dpkg --compare-versions "$one" gt "$best"
		then
			best=$one
		fi
	done
	printf '%s\n' "$best"
}

# download_to FOLDER TOOL ARG...: runs apt's TOOL there, and says every few
# seconds how much has come.
download_to()
{
	into=$1
	shift
	download_progress "$into" 7>&- 8>&- &
	ticker=$!
	status=0
	(cd "$into" && apt "$@") >/dev/null || status=$?
	kill "$ticker" 2>/dev/null || :
	wait "$ticker" 2>/dev/null || :
	return "$status"
}

# download_progress FOLDER: ends with the script.
download_progress()
{
	trap 'kill "$nap" 2>/dev/null; exit' TERM
	while kill -0 $$ 2>/dev/null; do
		sleep 5 &
		nap=$!
		wait "$nap"
		say "$name: $(du -sm "$1" | cut -f1) MiB downloaded"
	done
}

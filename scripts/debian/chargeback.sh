#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
exec /usr/share/chargeback/scripts/chargeback "$@"

#!/bin/sh
# Installs what the tests need on Debian as root; what is there already is left alone.
set -eu
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
	echo "make deps: needs Debian and root; install Go, gcc, Node.js with npm, Chromium and PostgreSQL 15 yourself"
	exit 1
fi
want=""
command -v python3 >/dev/null || want="$want python3"
command -v gcc >/dev/null || want="$want gcc libc6-dev"
command -v chromium >/dev/null || want="$want chromium"
command -v node >/dev/null || want="$want nodejs"
command -v npm >/dev/null || want="$want npm"
command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || want="$want postgresql"
fc-list 2>/dev/null | grep -qi cjk || want="$want fonts-noto-cjk"
if [ -n "$want" ]; then
	# The packaged server must not start a cluster of its own.
	mkdir -p /etc/postgresql-common
	[ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
	apt-get update -qq
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $want
fi
command -v go >/dev/null || { echo "make deps: Go 1.26 or newer is missing; see https://go.dev/doc/install"; exit 1; }

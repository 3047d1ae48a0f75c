# shellcheck shell=bash
# What the starters of throw-away servers share. A starter sources this file, defines `start DIR`, which spawns its
# processes, waits until they answer and prints `export` lines, and ends with `serve NAME "$@"`:
#
#   NAME up DIR [PID]   makes a server in DIR on free loopback ports; prints the `export` lines for a shell to eval.
#                       With PID the server ends when that process has ended.
#   NAME down DIR       ends it and removes DIR/server, which holds all it made, and DIR if that is all
#
# Exit code 3: what the server needs is not installed.
set -euo pipefail

name=$(basename "$0")
services=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() { echo "$name: $1" >&2; exit "${2:-1}"; }

# A port nobody listens on; another process may take it first, so `up` tries again.
free_port() {
    local port
    for _ in $(seq 200); do
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
    fail "no free port was found"
}

random_key() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# When a process was started, in clock ticks: with its pid it tells it from every other one.
birth_of() { # PID
    sed -n 's/^.*) //p' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# A process that has ended but is still to be waited for answers signals, and does nothing any more.
lives() { # PID
    local state
    state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) && [ -n "$state" ] && [ "$state" != Z ]
}

# Starts a process in a session of its own; its output goes to DIR/PART.log.
spawn() { # DIR PART COMMAND...
    local dir=$1 part=$2
    shift 2
    setsid "$@" </dev/null >"$dir/$part.log" 2>&1 &
    echo "$! $(birth_of $!)" >"$dir/$part.pid"
}

is_running() { # DIR PART
    local pid birth
    read -r pid birth <"$1/$2.pid" && lives "$pid" && [ "$(birth_of "$pid")" = "$birth" ]
}

# Waits until the command succeeds; fails when the process has ended or 60 seconds are over.
await() { # DIR PART COMMAND...
    local dir=$1 part=$2
    shift 2
    for _ in $(seq 600); do
        is_running "$dir" "$part" || return 1
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.1
    done
    return 1
}

# Whether a URL answers with 2xx.
answers() { curl -sf --noproxy '*' --max-time 5 -o /dev/null "$@"; }

stop() { # DIR PART
    local pid birth
    is_running "$1" "$2" || return 0
    read -r pid birth <"$1/$2.pid"
    # The whole session: what the process has started goes with it.
    kill -- "-$pid" 2>/dev/null || true
    for _ in $(seq 50); do
        is_running "$1" "$2" || break
        sleep 0.1
    done
    kill -9 -- "-$pid" 2>/dev/null || true
}

up() { # DIR [PID]
    for _ in 1 2 3; do
        down "$1"
        mkdir -p "$1/server"
        if start "$1/server"; then
            if [ -n "${2:-}" ]; then
                (while lives "$2"; do sleep 1; done; down "$1") </dev/null >/dev/null 2>&1 &
            fi
            return
        fi
    done
    tail -n 30 "$1"/server/*.log >&2 || true
    down "$1"
    fail "the server did not start; its log is above"
}

down() { # DIR
    local file
    for file in "$1"/server/*.pid; do
        if [ -e "$file" ]; then stop "$1/server" "$(basename "$file" .pid)"; fi
    done
    rm -rf "$1/server"
    # Where nothing else is in it.
    rmdir "$1" 2>/dev/null || true
}

serve() { # up DIR [PID] | down DIR
    case "${1:-}" in
        up | down) [ $# -ge 2 ] || fail "usage: $name up DIR [PID] | down DIR" 2; "$1" "$(realpath -m "$2")" "${3:-}" ;;
        *) fail "usage: $name up DIR [PID] | down DIR" 2 ;;
    esac
}

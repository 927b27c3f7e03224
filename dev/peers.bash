# For scripts that talk to other programs: installs Debian packages as far as this machine lets us.
# The script that sources this sets
#   peers    an array of "PACKAGE    what it is for"
#   without  what becomes of work that lacks one, such as "its tests are skipped"
# shellcheck shell=bash

warn() {
    echo "dev/${0##*/}: $*" >&2
}

missing_peers() {
    local peer package
    for peer in "${peers[@]}"; do
        package=${peer%% *}
        if [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
            echo "$package"
        fi
    done
}

# Debian starts a service as soon as it is installed, and at every boot. We start our own servers
# inside network namespaces; ports and rules of this machine are none of our business. policy-rc.d
# is Debian's way to forbid the first.
policy=/usr/sbin/policy-rc.d

forbid_services() {
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
}

allow_services() {
    if [[ -n $(trap -p EXIT) ]]; then
        rm -f "$policy"
        trap - EXIT
    fi
}

disable_services() {
    local package service
    for package in "$@"; do
        service=${package%-light}
        case $service in
            haproxy | iperf3 | ipvsadm | keepalived | ldirectord | nftables | nginx | vsftpd)
                if [[ -d /run/systemd/system ]]; then
                    systemctl disable --quiet --now "$service" ||
                        warn "cannot disable the service $service just installed"
                fi
                ;;
        esac
    done
}

install_peers() {
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        warn "no apt-get here; where a peer is missing, $without"
        return
    fi
    local missing
    mapfile -t missing < <(missing_peers)
    if [[ ${#missing[@]} -eq 0 ]]; then
        return
    fi
    if [[ $EUID -ne 0 ]]; then
        warn "not root, so these stay missing and $without: ${missing[*]}"
        return
    fi
    echo "dev/${0##*/}: installing ${missing[*]}"
    mkdir -p target
    export DEBIAN_FRONTEND=noninteractive
    forbid_services
    local apt=(apt-get --quiet --yes -o Acquire::Retries=2 -o DPkg::Lock::Timeout=120)
    if ! { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${missing[@]}"; } \
        >target/apt.log 2>&1; then
        tail -n 3 target/apt.log >&2
        warn "apt-get failed (target/apt.log); of ${missing[*]}, $without"
    fi
    disable_services "${missing[@]}"
    allow_services
}

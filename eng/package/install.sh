#!/usr/bin/env bash
# Installs this folder on the machine it is on: program, service, sensor profiles, models, example configuration. Needs root.
#   sudo bash install.sh
# A configuration that exists is never overwritten; a profile or model that was changed is kept as NAME.old.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${DESTDIR:-}
etc=$root/etc/edgelstm

# A package builder sets DESTDIR: then only files are copied, and nothing on this machine changes.
if [[ -z $root ]]; then
    if [[ $EUID -ne 0 ]]; then
        echo "install.sh: needs root to write /usr/local/bin and $etc: sudo bash $here/install.sh" >&2
        exit 4
    fi

    # The program loads the broker's own library and SQLite; the names of the packages are Debian's and Raspberry Pi OS's.
    for library in libmosquitto.so.1:libmosquitto1 libsqlite3.so.0:libsqlite3-0; do
        package=${library#*:}
        if ! /sbin/ldconfig -p | grep -qF "${library%:*}"; then
            echo "Installing $package"
            apt-get install -y -qq "$package" >/dev/null || {
                echo "install.sh: could not install $package; run: sudo apt-get update && sudo apt-get install $package" >&2
                exit 4
            }
        fi
    done

    # systemd refuses to start a service whose groups do not exist; Raspberry Pi OS has both.
    for group in dialout i2c; do
        getent group "$group" >/dev/null || groupadd --system "$group"
    done
fi

install -D -m 755 "$here/edgelstm" "$root"/usr/local/bin/edgelstm
install -D -m 644 "$here/edgelstm.service" "$root"/etc/systemd/system/edgelstm.service
install -d -m 755 "$etc"
for folder in firmware-configs models schemas; do
    [[ -d $here/$folder ]] || continue
    while IFS= read -r -d '' file; do
        target=$etc/$folder/${file#"$here/$folder/"}
        cmp -s "$file" "$target" || install -D -m 644 --backup=simple --suffix=.old "$file" "$target"
    done < <(find "$here/$folder" -type f -print0)
done
if [[ -f $here/edgelstm.example.json ]]; then
    install -m 644 "$here/edgelstm.example.json" "$etc/edgelstm.example.json"
    [[ -e $etc/edgelstm.json ]] || install -m 644 "$here/edgelstm.example.json" "$etc/edgelstm.json"
fi
if [[ -z $root && -d /run/systemd/system ]]; then
    systemctl daemon-reload
fi

echo "Installed edgelstm. Next:
  1. edit  $etc/edgelstm.json          (sensors, models, broker)
  2. check: sudo edgelstm check $etc/edgelstm.json
  3. start: sudo systemctl enable --now edgelstm    (after an update: sudo systemctl restart edgelstm)
  4. watch: journalctl -fu edgelstm
A broker password goes into $etc/mqtt-password (chmod 600)."

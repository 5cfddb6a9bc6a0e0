#!/usr/bin/env bash
# Shows the whole thing at work on this machine: a private broker, a recording played into a serial line, the live view.
#   bash eng/demo.sh [--seconds N] [further arguments of the demo verb]       ends with Ctrl+C or after N seconds
set -euo pipefail
# shellcheck source=eng/requirements.sh
source "$(dirname "${BASH_SOURCE[0]}")/requirements.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."
require_dotnet
require mosquitto mosquitto-clients libmosquitto1
echo "building …"
build=$(dotnet build src/EdgeLstm.Worker -c Release --nologo -v quiet 2>&1) || { echo "$build" >&2; exit 1; }
program=$(dotnet build src/EdgeLstm.Worker -c Release --no-restore --getProperty:TargetPath)
PATH=$PATH:/usr/sbin exec dotnet "$program" demo "$@"

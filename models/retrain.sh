#!/usr/bin/env bash
# Trains the two shipped networks again with `edgelstm train`, from the recordings that PyTorch trained them on.
#   bash models/retrain.sh DATA FOLDER
# DATA holds nab/ and ecg/; FOLDER gets NAME.safetensors, NAME.json (what it reaches on the test part) and NAME.html.
# EDGELSTM: the program, with arguments before the verb where it has some; `edgelstm` unless set. Some 15 s on two cores.
# Same rows, parts, labels, network, horizons and seed as models/specs.py; rate, decay and chunks were chosen by the
# validation loss.
set -euo pipefail
[[ $# == 2 ]] || { sed -n '2,5s/^# //p' "$0"; exit 2; }
data=$1 folder=$2
read -ra edgelstm <<<"${EDGELSTM:-edgelstm}"
mkdir -p "$folder"

# NAME RECORDING OPTION…
train() {
    local output=$folder/$1
    "${edgelstm[@]}" train "$2" -o "$output.safetensors" --report "$output.json" --html "$output.html" \
        --hidden 32 --steps 48 --lanes 16 --decay cosine --seed 7 "${@:3}"
}

train machine-temperature-gru "$data/nab/realKnownCause/machine_temperature_system_failure.csv" \
    --labels "$data/nab/combined_windows.json" --unit °C --split 0.55,0.2 --season 288 \
    --cell gru --horizon 1,6,12 --level-shift 1 --learning-rate 0.004 --epochs 200 --patience 60

# The recording has no header: its second column are the labels.
{ echo ecg,anomaly; cat "$data/ecg/ecg805_250hz.csv"; } >"$folder/ecg.csv"
train ecg-lstm "$folder/ecg.csv" \
    --unit mV --period 4ms --split 0.6,0.2 --season 109 \
    --cell lstm --horizon 1,5,10 --quantiles 0.05,0.5,0.95 --learning-rate 0.006 --epochs 160 --patience 160

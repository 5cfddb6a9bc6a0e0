// Steps ONNX models through onnxruntime-node for compare.py: one JSON request a line on standard input, one answer a line.
//   {"load": NAME, "model": PATH, "inputs": PATH, "rows", "inputSize", "hiddenSize", "hasCell"}
//       → {"outputs": base64 of float32 [rows, H]}
//   {"time": NAME, "rounds": N, "ms": of a round} → {"ns": per step}
// The session is called without the promise that session.run wraps around it. Two ways take turns and the faster counts: all
// tensors made once, where the states of even and odd steps change places; and outputs left to the session, as its users do.
'use strict';
const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');
const load = createRequire(path.join(process.argv[2], 'x.js'));
const ort = load('onnxruntime-node');
const native = load(path.join(path.dirname(load.resolve('onnxruntime-node')), 'binding.js'));

const ROWS_IN_TURN = 64; // a power of two
const OPTIONS = {
    executionProviders: [{ name: 'cpu' }], executionMode: 'sequential', graphOptimizationLevel: 'all',
    intraOpNumThreads: 1, interOpNumThreads: 1,
};
const NO_OPTIONS = {};
const networks = new Map();

class Stepper {
    constructor(request) {
        native.initOrt();
        this.session = new native.binding.InferenceSession();
        this.session.loadModel(request.model, OPTIONS);
        const states = this.session.inputMetadata.map((input) => input.name).filter((name) => name !== 'x');
        const zero = () => new ort.Tensor('float32', new Float32Array(request.hiddenSize), [1, 1, request.hiddenSize]);
        const sides = [0, 1].map(() => states.map(zero));
        const bytes = fs.readFileSync(request.inputs);
        const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
        this.last = sides.map((side) => side[side.length - (request.hasCell ? 2 : 1)].data);
        this.rows = request.rows;
        this.states = states.map((name) => [name, `${name}_next`]);
        this.given = Object.fromEntries(this.states.map(([, after]) => [after, null]));
        this.fetches = sides.map((_, k) => Object.fromEntries(states.map((name, s) => [`${name}_next`, sides[1 - k][s]])));
        this.feeds = [];
        for (let row = 0; row < request.rows; row++) {
            const sample = values.slice(row * request.inputSize, (row + 1) * request.inputSize);
            const x = new ort.Tensor('float32', sample, [1, 1, request.inputSize]);
            this.feeds.push(sides.map((side) => ({ x, ...Object.fromEntries(states.map((name, s) => [name, side[s]])) })));
        }
    }

    outputs(hidden) {
        const all = new Float32Array(this.rows * hidden);
        for (let row = 0; row < this.rows; row++) {
            this.session.run(this.feeds[row][row & 1], this.fetches[row & 1], NO_OPTIONS);
            all.set(this.last[1 - (row & 1)], row * hidden);
        }
        return Buffer.from(all.buffer).toString('base64');
    }

    time(rounds, ms) {
        const ways = [(count) => this.stepInPlace(count), (count) => this.stepAsGiven(count)];
        const counts = ways.map((way) => calibrate(way, ms));
        const times = ways.map(() => []);
        for (let k = 0; k < rounds; k++) {
            ways.forEach((way, w) => times[w].push(timeNs(way, counts[w])));
        }
        return Math.min(...times.map((ns) => ns.sort((a, b) => a - b)[rounds >> 1]));
    }

    stepInPlace(count) {
        const { session, feeds, fetches } = this;
        for (let k = 0; k < count; k++) {
            session.run(feeds[k & (ROWS_IN_TURN - 1)][k & 1], fetches[k & 1], NO_OPTIONS);
        }
    }

    stepAsGiven(count) {
        const { session, feeds, given, states } = this;
        const feed = { ...feeds[0][0] };
        for (let k = 0; k < count; k++) {
            feed.x = feeds[k & (ROWS_IN_TURN - 1)][0].x;
            const outputs = session.run(feed, given, NO_OPTIONS);
            for (const [before, after] of states) feed[before] = outputs[after];
        }
    }
}

// Powers of two, so that even and odd steps stay in turn.
function calibrate(way, ms) {
    let count = 16;
    while (timeNs(way, count) * count < ms * 1e6) count *= 2;
    return count;
}

function timeNs(way, count) {
    const started = process.hrtime.bigint();
    way(count);
    return Number(process.hrtime.bigint() - started) / count;
}

function answer(request) {
    if (request.load) {
        const network = new Stepper(request);
        networks.set(request.load, network);
        return { outputs: network.outputs(request.hiddenSize) };
    }
    return { ns: networks.get(request.time).time(request.rounds, request.ms) };
}

process.stdout.write(`${JSON.stringify({ version: load('onnxruntime-node/package.json').version })}\n`);
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
    process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
});

// TensorFlow.js for worker.js: load, build, heapBytes.
"use strict";
self.runtime = {
  async load({ scripts, base, backend, threads }) {
    importScripts(...scripts);
    const name = backend === "wasm-threads" ? "wasm" : backend;
    if (name === "wasm") {
      if (threads === 1) tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // else it takes the build with threads
      tf.wasm.setWasmPaths(base);
      tf.wasm.setThreadsCount(threads);
    }
    if (name === "webgpu" && !(navigator.gpu && (await navigator.gpu.requestAdapter()))) {
      throw new Ended("unsupported", "This browser has no WebGPU adapter.");
    }
    const taken = await tf.setBackend(name);
    await tf.ready();
    if (!taken || tf.getBackend() !== name) {
      throw new Ended("unsupported", `TensorFlow.js can't use ${name} here; it would take ${tf.getBackend()} in silence.`);
    }
  },
  async build(files, { shape, batch }) {
    const told = JSON.parse(new TextDecoder().decode(files["model.json"]));
    const weights = told.weightsManifest.flatMap((group) => group.paths.map((path) => new Uint8Array(files[path])));
    const weightData = new Uint8Array(weights.reduce((sum, part) => sum + part.length, 0));
    weights.reduce((at, part) => (weightData.set(part, at), at + part.length), 0);
    const model = await tf.loadGraphModel(
      tf.io.fromMemory({
        modelTopology: told.modelTopology,
        format: told.format,
        signature: told.signature,
        weightSpecs: told.weightsManifest.flatMap((group) => group.weights),
        weightData: weightData.buffer,
      }),
    );
    const dims = [batch, ...shape];
    return {
      async run(x) {
        const whole = x instanceof BigInt64Array;
        const given = tf.tensor(whole ? Int32Array.from(x, Number) : x, dims, whole ? "int32" : "float32");
        const found = model.predict(given);
        const data = await found.data();
        tf.dispose([given, found]);
        return data;
      },
      dispose: () => model.dispose(),
    };
  },
  heapBytes: () => tf.memory().numBytes,
};

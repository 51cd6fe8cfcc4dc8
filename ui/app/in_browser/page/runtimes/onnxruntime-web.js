// ONNX Runtime Web for worker.js: load, build, heapBytes.
"use strict";
self.runtime = {
  async load({ scripts, base, backend, threads }) {
    importScripts(...scripts);
    ort.env.logLevel = "error";
    ort.env.wasm.wasmPaths = base;
    ort.env.wasm.numThreads = threads;
    this.provider = backend === "webgpu" ? "webgpu" : "wasm";
    if (backend === "webgpu" && !(navigator.gpu && (await navigator.gpu.requestAdapter()))) {
      throw new Ended("unsupported", "This browser has no WebGPU adapter.");
    }
  },
  async build(files, { shape, batch, dtype }) {
    const session = await ort.InferenceSession.create(new Uint8Array(files["model.onnx"]), {
      executionProviders: [this.provider],
    });
    const [input] = session.inputNames, [output] = session.outputNames;
    const dims = [batch, ...shape];
    return {
      async run(x) {
        const found = await session.run({ [input]: new ort.Tensor(dtype, x, dims) });
        const data = await found[output].getData();
        found[output].dispose();
        return data;
      },
      dispose: () => session.release(),
    };
  },
  heapBytes: () => 0, // it doesn't tell
};

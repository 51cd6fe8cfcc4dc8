// LiteRT.js for worker.js: load, build, heapBytes.
"use strict";
self.runtime = {
  async load({ base, backend, threads }) {
    // Emscripten's threads start from this very script, and its files lie beside it, not beside the Worker's.
    self.Module = { locateFile: (file) => base + file, mainScriptUrlOrBlob: base + "litert_wasm_threaded_internal.js" };
    this.lib = await import(base + "index.js");
    this.lite = await this.lib.loadLiteRt(base, { threads: backend === "wasm-threads" });
    this.accelerator = backend === "webgpu" ? "webgpu" : "wasm";
    this.threads = threads;
    if (backend === "webgpu" && !this.lite.getWebGpuDevice()) {
      throw new Ended("unsupported", "This browser has no WebGPU adapter.");
    }
  },
  async build(files, { shape, batch }) {
    const model = await this.lite.loadAndCompile(new Uint8Array(files["model.tflite"]), {
      accelerator: this.accelerator,
      cpuOptions: { numThreads: this.threads },
      gpuOptions: { precision: "fp32" },
    });
    if (this.accelerator === "webgpu" && (model.options.accelerator !== "webgpu" || !model.isFullyAccelerated)) {
      throw new Ended("unsupported", "LiteRT.js can't compile this network for WebGPU; it would run it on the processor.");
    }
    const signature = `batch${batch}`, dims = [batch, ...shape];
    const { Tensor } = this.lib;
    return {
      async run(x) {
        const given = new Tensor(x instanceof BigInt64Array ? Int32Array.from(x, Number) : x, dims);
        const found = await model.run(signature, [given]);
        const data = await found[0].data();
        for (const tensor of [given, ...found]) tensor.delete();
        return data;
      },
      dispose: () => model.delete(),
    };
  },
  heapBytes() {
    return this.lite.liteRtWasm.HEAPU8.byteLength;
  },
};

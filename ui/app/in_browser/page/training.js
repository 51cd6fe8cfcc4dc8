// TensorFlow.js trains the article's network anew, in a Worker of its own: that it works, and how long a step takes.
"use strict";

const BLOCKS = 6, WARM_STEPS = 2;
const seconds = () => performance.now() / 1000;

self.onmessage = async ({ data: task }) => {
  try {
    self.postMessage({ report: await trained(task) });
  } catch (error) {
    self.postMessage({ failed: { outcome: "failed", reason: String((error && error.message) || error).slice(0, 400) } });
  }
};

async function trained({ scripts, sizes, labels, batch, inputs, blockSeconds }) {
  importScripts(...scripts);
  // WebAssembly has no kernels for gradients; where there is no WebGL, plain JavaScript computes.
  const backend = (await tf.setBackend("webgl").catch(() => false)) ? "webgl" : (await tf.setBackend("cpu"), "cpu");
  await tf.ready();
  const model = network(sizes);
  model.compile({ optimizer: tf.train.adam(1e-3), loss: (y, logits) => tf.losses.softmaxCrossEntropy(y, logits) });
  const all = new Float32Array(inputs), count = labels.length;
  const x = tf.tensor2d(all, [count, sizes.inputs]);
  const y = tf.oneHot(tf.tensor1d(labels, "int32"), sizes.classes).toFloat();
  const batches = Math.floor(count / batch);
  let at = 0;
  const step = async () => {
    const start = (at++ % batches) * batch;
    const [given, wanted] = [x.slice([start, 0], [batch, sizes.inputs]), y.slice([start, 0], [batch, sizes.classes])];
    const loss = await model.trainOnBatch(given, wanted);
    tf.dispose([given, wanted]);
    return Array.isArray(loss) ? loss[0] : loss;
  };
  const first_loss = await step();
  for (let number = 0; number < WARM_STEPS; number++) await step();
  let begun = seconds();
  let last_loss = await step();
  const steps = Math.max(1, Math.min(10000, Math.ceil(blockSeconds / Math.max(1e-4, seconds() - begun))));
  const step_s = [];
  for (let block = 0; block < BLOCKS; block++) {
    begun = seconds();
    for (let number = 0; number < steps; number++) last_loss = await step();
    step_s.push((seconds() - begun) / steps);
  }
  return { backend: tf.getBackend() === "webgl" ? "webgl" : backend, steps, step_s, first_loss, last_loss };
}

/** As probes/models/mlp.py has it. */
function network({ inputs, hidden1, hidden2, classes }) {
  const model = tf.sequential();
  [hidden1, hidden2].forEach((units, index) => {
    model.add(tf.layers.dense({ units, kernelInitializer: "heNormal", ...(index ? {} : { inputShape: [inputs] }) }));
    model.add(tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }));
    model.add(tf.layers.activation({ activation: "gelu" }));
    model.add(tf.layers.dropout({ rate: 0.2 }));
  });
  model.add(tf.layers.dense({ units: classes }));
  return model;
}

#!/usr/bin/env python3
"""What the training loop of the beginner's guide does as it is printed, in Keras: two faults keep it from learning anything.

    "$(scripts/venv.sh guide)/python" scripts/guide_as_printed.py FAKE.npy [EPOCHS]
    runner metrics mnist-10k FAKE.npy --metrics frechet,confident_share

The generator is only ever asked for pictures, never trained, so what it makes is what its random weights made; and the discriminator
learns that both real and generated pictures are real, so it cannot tell them apart. The networks are those of the preset `guide`, the
optimizer is Adam with Keras's defaults. FAKE.npy gets 1,000 pictures of the end.
"""

import gzip
import os
import sys
from pathlib import Path

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")

import keras
import numpy as np
from keras import layers

DIGITS = Path(__file__).resolve().parent.parent / "crates/data/mnist-10k/mnist-10k-images-idx3-ubyte.gz"
BATCH, LATENT = 32, 100


def networks():
    leaky = lambda: layers.LeakyReLU(negative_slope=0.2)
    up = lambda channels, stride, **more: layers.Conv2DTranspose(channels, 5, stride, "same", **more)
    generator = [layers.Dense(7 * 7 * 256), layers.Reshape((7, 7, 256)), leaky(), up(128, 1), leaky(), up(64, 2), leaky()]
    generator = keras.Sequential([keras.Input((LATENT,))] + generator + [up(1, 2, activation="tanh")])
    discriminator = [layers.Flatten(), layers.Dense(4096), leaky(), layers.Dense(1, activation="sigmoid")]
    return generator, keras.Sequential([keras.Input((28, 28, 1))] + discriminator)


def main(out, epochs="1"):
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    pixels = np.frombuffer(gzip.decompress(DIGITS.read_bytes()), np.uint8, offset=16)
    digits = pixels.reshape(-1, 28, 28, 1)[:9000] / np.float32(127.5) - 1
    generator, discriminator = networks()
    discriminator.compile(optimizer="adam", loss="binary_crossentropy")
    noise = lambda count: random.standard_normal((count, LATENT), np.float32)
    before, real = generator.get_weights(), np.ones((BATCH, 1))
    for epoch in range(int(epochs)):
        for batch in np.split(random.permutation(9000)[: 9000 // BATCH * BATCH], 9000 // BATCH):
            of_real = discriminator.train_on_batch(digits[batch], real)
            of_fake = discriminator.train_on_batch(generator(noise(BATCH)).numpy(), real)
        print(f"epoch {epoch + 1}: losses {of_real:.2g} of real, {of_fake:.2g} of generated pictures", flush=True)
    changed = sum(not np.array_equal(old, new) for old, new in zip(before, generator.get_weights()))
    made = generator(noise(1000)).numpy()
    print(f"weights of the generator that changed: {changed} of {len(before)}")
    for name, pictures in [("real", digits[:1000]), ("generated", made)]:
        print(f"{name} pictures that the discriminator takes for real: {(discriminator(pictures).numpy() > 0.5).mean():.0%}")
    np.save(out, made)


if __name__ == "__main__":
    main(*sys.argv[1:])

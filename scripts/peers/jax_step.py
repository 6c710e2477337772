"""JAX: the whole step is one compiled function, whose state is handed on."""

import os
import sys

if sys.argv[sys.argv.index("--threads") + 1] == "1":
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

from protocol import *
import jax
import jax.numpy as jnp
from jax import lax

AXES = ("NHWC", "HWIO", "NHWC")
drawn = np.random.default_rng(0)


def weights(*shape):
    fan_in = int(np.prod(shape[:-1]))
    return {"w": jnp.asarray(drawn.normal(0, fan_in**-0.5, shape), jnp.float32), "b": jnp.zeros(shape[-1])}


scale = lambda channels: {"g": jnp.ones(channels), "b": jnp.zeros(channels)}
running = lambda channels: (jnp.zeros(channels), jnp.ones(channels))
leaky = lambda x: jnp.where(x > 0, x, 0.2 * x)
dense = lambda p, x: x @ p["w"] + p["b"]
down = lambda p, x: lax.conv_general_dilated(x, p["w"], (2, 2), "SAME", dimension_numbers=AXES) + p["b"]
up = lambda p, x, stride: lax.conv_transpose(x, p["w"], (stride, stride), "SAME", dimension_numbers=AXES) + p["b"]
flat = lambda x: x.reshape(len(x), -1)


def norm(p, x, seen):
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    x = (x - mean) * lax.rsqrt(variance + 1e-5) * p["g"] + p["b"]
    return x, (0.9 * seen[0] + 0.1 * mean, 0.9 * seen[1] + 0.1 * variance)


def guide():
    def generator(p, seen, x):
        x = leaky(dense(p[0], x).reshape(-1, 7, 7, 256))
        x = leaky(up(p[2], leaky(up(p[1], x, 1)), 2))
        return jnp.tanh(up(p[3], x, 2)), seen

    of_generator = [weights(LATENT, 12544), weights(5, 5, 256, 128), weights(5, 5, 128, 64), weights(5, 5, 64, 1)]
    discriminator = lambda p, seen, x: (dense(p[1], leaky(dense(p[0], flat(x)))), seen)
    return generator, of_generator, (), discriminator, [weights(784, 4096), weights(4096, 1)], ()


def dcgan():
    def generator(p, seen, x):
        x, first = norm(p[1], dense(p[0], x).reshape(-1, 7, 7, 128), seen[0])
        x, second = norm(p[3], up(p[2], jax.nn.relu(x), 2), seen[1])
        return jnp.tanh(up(p[4], jax.nn.relu(x), 2)), (first, second)

    def discriminator(p, seen, x):
        x, seen = norm(p[2], down(p[1], leaky(down(p[0], x))), seen)
        return dense(p[3], flat(leaky(x))), seen

    of_generator = [weights(LATENT, 6272), scale(128), weights(4, 4, 128, 64), scale(64), weights(4, 4, 64, 1)]
    of_discriminator = [weights(4, 4, 1, 64), weights(4, 4, 64, 128), scale(128), weights(6272, 1)]
    return generator, of_generator, (running(128), running(64)), discriminator, of_discriminator, running(128)


def mlp():
    stack = lambda p, x: dense(p[2], leaky(dense(p[1], leaky(dense(p[0], x)))))
    layers = lambda inputs, outputs: [weights(inputs, 256), weights(256, 256), weights(256, outputs)]
    generator = lambda p, seen, x: (jnp.tanh(stack(p, x)).reshape(-1, 28, 28, 1), seen)
    discriminator = lambda p, seen, x: (stack(p, flat(x)), seen)
    return generator, layers(LATENT, 784), (), discriminator, layers(784, 1), ()


def entropy(logits, label):
    return jnp.mean(jnp.maximum(logits, 0) - logits * label + jnp.log1p(jnp.exp(-jnp.abs(logits))))


def adam(p, gradient, state):
    mean, square, time = state
    time = time + 1
    mean = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, mean, gradient)
    square = jax.tree.map(lambda s, g: BETA2 * s + (1 - BETA2) * g * g, square, gradient)
    root = lambda s: jnp.sqrt(s / (1 - BETA2**time)) + EPSILON
    p = jax.tree.map(lambda p, m, s: p - RATE * m / (1 - BETA1**time) / root(s), p, mean, square)
    return p, (mean, square, time)


generator, of_generator, seen_generator, discriminator, of_discriminator, seen_discriminator = {
    "guide": guide, "dcgan": dcgan, "mlp": mlp,
}[arguments.model]()


def train(state, data, index):
    g, d, seen_g, seen_d, adam_g, adam_d, key = state
    key, first, second = jax.random.split(key, 3)
    real = (data[index].astype(jnp.float32) / 127.5 - 1)[..., None]
    fake, seen_g = generator(g, seen_g, jax.random.normal(first, (BATCH, LATENT)))

    def of_real_and_fake(d):
        on_real, seen = discriminator(d, seen_d, real)
        on_fake, seen = discriminator(d, seen, fake)
        return entropy(on_real, 1.0) + entropy(on_fake, 0.0), seen

    (loss_d, seen_d), gradient = jax.value_and_grad(of_real_and_fake, has_aux=True)(d)
    d, adam_d = adam(d, gradient, adam_d)

    def of_fake(g):
        images, seen = generator(g, seen_g, jax.random.normal(second, (BATCH, LATENT)))
        logits, seen_of_d = discriminator(d, seen_d, images)
        return entropy(logits, 1.0), (seen, seen_of_d)

    (loss_g, (seen_g, seen_d)), gradient = jax.value_and_grad(of_fake, has_aux=True)(g)
    g, adam_g = adam(g, gradient, adam_g)
    return (g, d, seen_g, seen_d, adam_g, adam_d, key), jnp.stack([loss_d, loss_g])


fresh = lambda p: (jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p), jnp.zeros(()))
state = (of_generator, of_discriminator, seen_generator, seen_discriminator, fresh(of_generator), fresh(of_discriminator), jax.random.key(0))
data, indices = jnp.asarray(images()), batches()
train = jax.jit(train, donate_argnums=0)


def step():
    global state
    state, losses = train(state, data, next(indices))
    return np.asarray(losses)


measure("JAX " + jax.__version__, step)

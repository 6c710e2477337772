"""Keras on TensorFlow: the whole step is one `tf.function`."""

import os

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")

from protocol import *
import keras
import tensorflow as tf
from keras import layers

tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
tf.config.threading.set_inter_op_parallelism_threads(arguments.threads)
keras.utils.set_random_seed(0)


def build(model):
    leaky = lambda: layers.LeakyReLU(negative_slope=0.2)
    up = lambda channels, kernel, stride, **more: layers.Conv2DTranspose(channels, kernel, stride, "same", **more)
    down = lambda channels: layers.Conv2D(channels, 4, 2, "same")
    norm = layers.BatchNormalization
    latent, picture = keras.Input((LATENT,)), keras.Input((28, 28, 1))
    if model == "guide":
        generator = [
            layers.Dense(7 * 7 * 256), layers.Reshape((7, 7, 256)), leaky(), up(128, 5, 1), leaky(), up(64, 5, 2),
            leaky(), up(1, 5, 2, activation="tanh"),
        ]
        discriminator = [layers.Flatten(), layers.Dense(4096), leaky(), layers.Dense(1)]
    elif model == "dcgan":
        generator = [
            layers.Dense(7 * 7 * 128), layers.Reshape((7, 7, 128)), norm(), layers.ReLU(), up(64, 4, 2), norm(),
            layers.ReLU(), up(1, 4, 2, activation="tanh"),
        ]
        discriminator = [down(64), leaky(), down(128), norm(), leaky(), layers.Flatten(), layers.Dense(1)]
    else:
        hidden = lambda: [layers.Dense(256), leaky(), layers.Dense(256), leaky()]
        generator = hidden() + [layers.Dense(784, activation="tanh"), layers.Reshape((28, 28, 1))]
        discriminator = [layers.Flatten()] + hidden() + [layers.Dense(1)]
    return keras.Sequential([latent] + generator), keras.Sequential([picture] + discriminator)


data, indices = tf.constant(images()), batches()
generator, discriminator = build(arguments.model)
adam = lambda: keras.optimizers.Adam(RATE, beta_1=BETA1, beta_2=BETA2, epsilon=EPSILON)
of_generator, of_discriminator = adam(), adam()
of_generator.build(generator.trainable_variables)
of_discriminator.build(discriminator.trainable_variables)


def entropy(logits, label):
    labels = tf.fill(tf.shape(logits), label)
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits))


def made():
    return generator(tf.random.normal((BATCH, LATENT)), training=True)


@tf.function
def train(index):
    real = (tf.cast(tf.gather(data, index), tf.float32) / 127.5 - 1.0)[..., None]
    fake = made()
    with tf.GradientTape() as tape:
        of_real_and_fake = entropy(discriminator(real, training=True), 1.0) + entropy(discriminator(fake, training=True), 0.0)
    weights = discriminator.trainable_variables
    of_discriminator.apply(tape.gradient(of_real_and_fake, weights), weights)
    with tf.GradientTape() as tape:
        of_fake = entropy(discriminator(made(), training=True), 1.0)
    weights = generator.trainable_variables
    of_generator.apply(tape.gradient(of_fake, weights), weights)
    return tf.stack([of_real_and_fake, of_fake])


measure(
    f"Keras {keras.__version__}, TensorFlow {tf.__version__}",
    lambda: train(tf.convert_to_tensor(next(indices))).numpy(),
)

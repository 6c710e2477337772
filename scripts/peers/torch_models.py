"""The presets `guide`, `dcgan` and `mlp` in PyTorch."""

from torch import nn


def build(model):
    """Generator and discriminator, which ends in a logit."""
    leaky = lambda: nn.LeakyReLU(0.2)
    if model == "guide":
        generator = nn.Sequential(
            nn.Linear(100, 7 * 7 * 256), nn.Unflatten(1, (256, 7, 7)), leaky(),
            nn.ConvTranspose2d(256, 128, 5, 1, 2), leaky(),
            nn.ConvTranspose2d(128, 64, 5, 2, 2, 1), leaky(),
            nn.ConvTranspose2d(64, 1, 5, 2, 2, 1), nn.Tanh(),
        )
        return generator, nn.Sequential(nn.Flatten(), nn.Linear(784, 4096), leaky(), nn.Linear(4096, 1))
    if model == "dcgan":
        generator = nn.Sequential(
            nn.Linear(100, 7 * 7 * 128), nn.Unflatten(1, (128, 7, 7)), nn.BatchNorm2d(128), nn.ReLU(),
            nn.ConvTranspose2d(128, 64, 4, 2, 1), nn.BatchNorm2d(64), nn.ReLU(),
            nn.ConvTranspose2d(64, 1, 4, 2, 1), nn.Tanh(),
        )
        return generator, nn.Sequential(
            nn.Conv2d(1, 64, 4, 2, 1), leaky(), nn.Conv2d(64, 128, 4, 2, 1), nn.BatchNorm2d(128), leaky(),
            nn.Flatten(), nn.Linear(7 * 7 * 128, 1),
        )
    dense = lambda inputs, outputs: [
        nn.Linear(inputs, 256), leaky(), nn.Linear(256, 256), leaky(), nn.Linear(256, outputs)
    ]
    generator = nn.Sequential(*dense(100, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    return generator, nn.Sequential(nn.Flatten(), *dense(784, 1))

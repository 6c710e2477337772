"""A step of `pix2pix` or `cyclegan` in PyTorch, in the order of the authors' program, which uses what the generators made for both
updates. Prints the median milliseconds of a step.

    torch_translation.py pix2pix|cyclegan CHANNELS BATCH SIZE THREADS SECONDS
"""

import pathlib
import random
import sys

import torch
from torch import nn
from torch.nn import functional

from timing import median_milliseconds

sys.path.append(str(pathlib.Path(__file__).parent.parent))
from translation_fixtures import Block, patchgan

TASK = sys.argv[1]
CHANNELS, BATCH, SIZE, THREADS = map(int, sys.argv[2:6])
SECONDS = float(sys.argv[6])
POOL = 50
torch.set_num_threads(THREADS)
torch.manual_seed(0)


class Level(nn.Module):
    """U-Net from maps of one size on: half the size, what is inside, twice the size, beside what came in."""

    def __init__(self, width, below, levels):
        super().__init__()
        inner = [Level(below, widths(levels - 1), levels - 1)] if levels > 1 else []
        self.branch = nn.Sequential(
            nn.LeakyReLU(0.2), nn.Conv2d(width, below, 4, 2, 1, bias=not inner), *([nn.BatchNorm2d(below)] if inner else []),
            *inner, nn.ReLU(), nn.ConvTranspose2d(2 * below if inner else below, width, 4, 2, 1, bias=False),
            nn.BatchNorm2d(width), *([nn.Dropout(0.5)] if levels <= 3 else []),
        )  # fmt: skip

    def forward(self, x):
        return torch.cat([x, self.branch(x)], 1)


HALVINGS = SIZE.bit_length() - 1


def widths(levels):
    """Channels of what lies so many halvings above the narrowest, but one."""
    return CHANNELS * min(8, 2 ** (HALVINGS - levels))


def unet():
    return nn.Sequential(
        nn.Conv2d(3, CHANNELS, 4, 2, 1), Level(CHANNELS, widths(HALVINGS - 1), HALVINGS - 1),
        nn.ReLU(), nn.ConvTranspose2d(2 * CHANNELS, 3, 4, 2, 1), nn.Tanh(),
    )  # fmt: skip


def residual():
    """Two halvings and three blocks, as for 32 to 64 pixels."""
    norm = lambda width: [nn.InstanceNorm2d(width), nn.ReLU()]
    down = [[nn.Conv2d(CHANNELS << i, CHANNELS << i + 1, 3, 2, 1, bias=False), *norm(CHANNELS << i + 1)] for i in (0, 1)]
    up = [[nn.ConvTranspose2d(CHANNELS << i + 1, CHANNELS << i, 3, 2, 1, 1, bias=False), *norm(CHANNELS << i)] for i in (1, 0)]
    return nn.Sequential(
        nn.ReflectionPad2d(3), nn.Conv2d(3, CHANNELS, 7, bias=False), *norm(CHANNELS), *sum(down, []),
        *[Block(CHANNELS << 2) for _ in range(3)], *sum(up, []), nn.ReflectionPad2d(3), nn.Conv2d(CHANNELS, 3, 7), nn.Tanh(),
    )  # fmt: skip


def adam(*networks):
    return torch.optim.Adam([p for network in networks for p in network.parameters()], 2e-4, (0.5, 0.999), fused=True)


def update(optimizer, loss):
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.item()


def learns(networks, whether):
    for network in networks:
        network.requires_grad_(whether)


inputs, outputs = (torch.rand(200, 3, SIZE, SIZE) * 2 - 1 for _ in range(2))


def batches():
    of_input = torch.randint(200, (BATCH,))
    of_output = of_input if TASK == "pix2pix" else torch.randint(200, (BATCH,))
    return inputs[of_input], outputs[of_output]


def pix2pix():
    generator, discriminator = unet(), patchgan(6, CHANNELS, nn.BatchNorm2d)
    of_generator, of_discriminator = adam(generator), adam(discriminator)

    def step():
        source, target = batches()
        made = generator(source)
        learns([discriminator], True)
        real, fake = (discriminator(torch.cat([source, output], 1)) for output in (target, made.detach()))
        update(of_discriminator, functional.softplus(-real).mean() + functional.softplus(fake).mean())
        learns([discriminator], False)
        adversarial = functional.softplus(-discriminator(torch.cat([source, made], 1))).mean()
        update(of_generator, adversarial + 100 * (made - target).abs().mean())

    return step


class Pool:
    """The last images made, one of which half of the new ones are exchanged for."""

    def __init__(self):
        self.images = []

    def __call__(self, batch):
        return torch.stack([self.exchange(image) for image in batch.detach()])

    def exchange(self, image):
        if len(self.images) < POOL:
            self.images.append(image)
            return image
        if random.random() < 0.5:
            return image
        index = random.randrange(POOL)
        kept, self.images[index] = self.images[index], image
        return kept


def cyclegan():
    there, back = residual(), residual()
    of_input, of_output = patchgan(3, CHANNELS, nn.InstanceNorm2d), patchgan(3, CHANNELS, nn.InstanceNorm2d)
    of_generators, optimizers = adam(there, back), (adam(of_input), adam(of_output))
    pools = Pool(), Pool()
    squares = lambda logits, target: (logits - target).square().mean()

    def step():
        source, target = batches()
        learns([of_input, of_output], False)
        made, unmade = there(source), back(target)
        adversarial = squares(of_input(unmade), 1) + squares(of_output(made), 1)
        cycle = (back(made) - source).abs().mean() + (there(unmade) - target).abs().mean()
        identity = (back(source) - source).abs().mean() + (there(target) - target).abs().mean()
        update(of_generators, adversarial + 10 * cycle + 5 * identity)
        learns([of_input, of_output], True)
        sides = zip((of_input, of_output), (source, target), (unmade, made), optimizers, pools)
        for discriminator, real, fake, optimizer, pool in sides:
            update(optimizer, (squares(discriminator(real), 1) + squares(discriminator(pool(fake)), 0)) / 2)

    return step


step = {"pix2pix": pix2pix, "cyclegan": cyclegan}[TASK]()
print(median_milliseconds(step, SECONDS))

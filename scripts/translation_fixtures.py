"""Whole training steps of pix2pix, CycleGAN and CUT in PyTorch, for crates/training/tests/fixtures/translation.json.

    "$(scripts/venv.sh weights)/python" scripts/translation_fixtures.py crates/training/tests/fixtures/translation.json

Double precision. First weights and batches are waves that the tests repeat, so that none need be stored; weights after the last step
are stored in the order of the layers. Images are 16 x 24 pixels, so that a side becomes odd on the way down.
"""

import json
import sys

import torch
from torch import nn
from torch.nn import functional

HEIGHT, WIDTH, BATCH, STEPS = 16, 24, 3, 5
LR, BETAS, EPS = 2e-3, (0.5, 0.999), 1e-4
TEMPERATURE = 0.01


def wave(shape, phase, frequency=0.37):
    count = torch.Size(shape).numel()
    return torch.sin(torch.arange(count, dtype=torch.float64) * frequency + phase).reshape(shape)


def images(step, which):
    """A batch in [-1, 1]. At this phase no activation comes so near 0 that single precision changes its sign."""
    return wave((BATCH, 3, HEIGHT, WIDTH), 1.7 * step + which + 0.5, 0.11 + 0.05 * which)


class Down(nn.Conv2d):
    """Halves a side and rounds up."""

    def __init__(self, inputs, outputs, bias):
        super().__init__(inputs, outputs, 4, 2, bias=bias)

    def forward(self, x):
        height, width = x.shape[2:]
        return super().forward(functional.pad(x, (1, 1 + width % 2, 1, 1 + height % 2)))


class Unet(nn.Module):
    """Isola et al. 2017; `inner` is what lies between the maps of this size and the way up."""

    class Level(nn.Module):
        def __init__(self, widths):
            super().__init__()
            width, below, *_ = widths
            last = len(widths) == 2
            self.down = Down(width, below, bias=last)
            self.norm = None if last else nn.BatchNorm2d(below)
            self.inner = None if last else Unet.Level(widths[1:])
            self.up = nn.ConvTranspose2d(below if last else 2 * below, width, 4, 2, 1, bias=False)
            self.up_norm = nn.BatchNorm2d(width)

        def forward(self, x):
            y = self.down(functional.leaky_relu(x, 0.2))
            if self.norm is not None:
                y = self.inner(self.norm(y))
            y = self.up_norm(self.up(functional.relu(y))[:, :, : x.shape[2], : x.shape[3]])
            return torch.cat([x, y], 1)

    def __init__(self, channels, depth):
        super().__init__()
        widths = [channels * min(8, 2**level) for level in range(depth)]
        self.first = Down(3, channels, bias=True)
        self.inner = Unet.Level(widths)
        self.last = nn.ConvTranspose2d(2 * channels, 3, 4, 2, 1)

    def forward(self, x):
        return torch.tanh(self.last(functional.relu(self.inner(self.first(x)))))


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        conv = lambda: [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3, bias=False), nn.InstanceNorm2d(width)]
        self.main = nn.Sequential(*conv(), nn.ReLU(), *conv())

    def forward(self, x):
        return x + self.main(x)


def residual(channels, blocks):
    """Zhu et al. 2017, with one halving."""

    norm = lambda width: [nn.InstanceNorm2d(width), nn.ReLU()]
    return nn.Sequential(
        nn.ReflectionPad2d(3), nn.Conv2d(3, channels, 7, bias=False), *norm(channels),
        nn.Conv2d(channels, 2 * channels, 3, 2, 1, bias=False), *norm(2 * channels),
        *[Block(2 * channels) for _ in range(blocks)],
        nn.ConvTranspose2d(2 * channels, channels, 3, 2, 1, 1, bias=False), *norm(channels),
        nn.ReflectionPad2d(3), nn.Conv2d(channels, 3, 7), nn.Tanh(),
    )  # fmt: skip


def patchgan(inputs, channels, norm):
    """With one halving: patches of 16 pixels."""
    return nn.Sequential(
        nn.Conv2d(inputs, channels, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(channels, 2 * channels, 4, 1, 1, bias=False), norm(2 * channels), nn.LeakyReLU(0.2),
        nn.Conv2d(2 * channels, 1, 4, 1, 1),
    )  # fmt: skip


def begin(*networks):
    """First weights by a wave over all tensors in their order."""
    index = 0
    for network in networks:
        network.double()
        for module in network.modules():
            for name, parameter in module.named_parameters(recurse=False):
                is_gain = isinstance(module, nn.BatchNorm2d) and name == "weight"
                values = wave(parameter.shape, index)
                parameter.data = 1 + 0.1 * values if is_gain else 0.25 * values
                index += 1


def adam(*networks):
    return torch.optim.Adam([p for network in networks for p in network.parameters()], LR, BETAS, EPS)


def update(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def number(tensor):
    return float(tensor.detach())


def weights(*networks):
    """Each tensor with seven digits."""
    parameters = [parameter for network in networks for parameter in network.parameters()]
    return [[float(f"{value:.7g}") for value in parameter.detach().flatten()] for parameter in parameters]


def pix2pix():
    generator, discriminator = Unet(2, 4), patchgan(6, 3, nn.BatchNorm2d)
    begin(generator, discriminator)
    of_generator, of_discriminator = adam(generator), adam(discriminator)
    losses = []
    for step in range(STEPS):
        source, target = images(step, 0), images(step, 1)
        pair = lambda output: torch.cat([source, output], 1)
        real, fake = discriminator(pair(target)), discriminator(pair(generator(source).detach()))
        loss = functional.softplus(-real).mean() + functional.softplus(fake).mean()
        update(of_discriminator, loss)
        made = generator(source)
        adversarial, l1 = functional.softplus(-discriminator(pair(made))).mean(), (made - target).abs().mean()
        update(of_generator, adversarial + 100 * l1)
        losses.append({"loss/discriminator": number(loss), "loss/generator": number(adversarial), "loss/l1": number(l1)})
    return {"losses": losses, "weights": weights(generator, discriminator)}


def cyclegan():
    there, back = residual(2, 1), residual(2, 1)
    of_input, of_output = patchgan(3, 3, nn.InstanceNorm2d), patchgan(3, 3, nn.InstanceNorm2d)
    begin(there, back, of_input, of_output)
    optimizers = adam(of_input), adam(of_output), adam(there, back)
    squares = lambda logits, target: (logits - target).square().mean() / 2
    losses = []
    for step in range(STEPS):
        source, target = images(step, 0), images(step, 1)
        found = {}
        sides = [
            ("input", of_input, source, back(target).detach(), optimizers[0]),
            ("output", of_output, target, there(source).detach(), optimizers[1]),
        ]
        for side, discriminator, real, fake, optimizer in sides:
            loss = squares(discriminator(real), 1) + squares(discriminator(fake), 0)
            update(optimizer, loss)
            found[f"loss/{side}-discriminator"] = number(loss)
        made, unmade = there(source), back(target)
        adversarial = squares(of_input(unmade), 1) + squares(of_output(made), 1)
        cycle = (back(made) - source).abs().mean() + (there(unmade) - target).abs().mean()
        identity = (back(source) - source).abs().mean() + (there(target) - target).abs().mean()
        loss = 2 * adversarial + 10 * cycle + 5 * identity
        update(optimizers[2], loss)
        found |= {"loss/cycle": number(cycle), "loss/identity": number(identity), "loss/generators": number(loss)}
        losses.append(found)
    return {"losses": losses, "weights": weights(there, back, of_input, of_output)}


class Dense(nn.Module):
    """With the weight as `[inputs, outputs]`."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.empty(outputs))

    def forward(self, x):
        return x @ self.weight + self.bias


def contrast(generator, heads, made, source, temperature):
    """Park et al. 2020, eq. 3, with all places of each map: the image, the strided convolution's output, the block's."""

    def features(image):
        down, block = generator[:5](image), generator[:8](image)
        for head, maps in zip(heads, (image, down, block)):
            yield functional.normalize(head(maps.flatten(2).transpose(1, 2)), dim=2)

    losses = []
    for query, key in zip(features(made), features(source)):
        cosines = query @ key.detach().transpose(1, 2) / temperature
        own = torch.arange(cosines.shape[1]).expand(cosines.shape[:2])
        losses.append(functional.cross_entropy(cosines.transpose(1, 2), own))
    return torch.stack(losses).mean()


def cut():
    generator, discriminator = residual(2, 1), patchgan(3, 3, nn.InstanceNorm2d)
    heads = nn.ModuleList(nn.Sequential(Dense(channels, 5), nn.ReLU(), Dense(5, 5)) for channels in (3, 4, 4))
    begin(generator, heads, discriminator)
    of_generator, of_discriminator = adam(generator, heads), adam(discriminator)
    squares = lambda logits, target: (logits - target).square().mean() / 2
    losses = []
    for step in range(STEPS):
        source, target = images(step, 0), images(step, 1)
        loss = squares(discriminator(target), 1) + squares(discriminator(generator(source).detach()), 0)
        update(of_discriminator, loss)
        made = generator(source)
        adversarial = squares(discriminator(made), 1)
        places = contrast(generator, heads, made, source, TEMPERATURE)
        identity = contrast(generator, heads, generator(target), target, TEMPERATURE)
        update(of_generator, 2 * adversarial + 1.5 * places + 0.5 * identity)
        losses.append({"loss/discriminator": number(loss), "loss/generator": number(adversarial),
                       "loss/contrast": number(places), "loss/identity": number(identity)})  # fmt: skip
    return {"losses": losses, "weights": weights(generator, heads, discriminator)}


def main():
    about = {"torch": torch.__version__, "by": "scripts/translation_fixtures.py"}
    made = {"pix2pix": pix2pix(), "cyclegan": cyclegan(), "cut": cut()}
    text = json.dumps(about | made, separators=(",", ":"))
    with open(sys.argv[1], "w") as file:
        file.write(text + "\n")


if __name__ == "__main__":
    main()

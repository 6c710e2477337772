"""A step of `wavegan-small` or `wavegan` in PyTorch: five updates of the critic with WGAN-GP's penalty by double backward, one of
the generator; phase shuffle as in the authors' program. Prints the median milliseconds of a step.

    torch_wavegan.py CHANNELS BATCH LENGTH THREADS SECONDS
"""

import sys

import torch
from torch import nn
from torch.nn.functional import pad

from timing import median_milliseconds

CHANNELS, BATCH, LENGTH, THREADS = map(int, sys.argv[1:5])
SECONDS = float(sys.argv[5])
CRITIC_STEPS, LATENT, RADIUS, WEIGHT = 5, 100, 2, 10.0
DEPTH = next(depth for depth in range(1, 20) if -(-LENGTH // 4**depth) <= 16)
torch.set_num_threads(THREADS)
torch.manual_seed(0)


class PhaseShuffle(nn.Module):
    def forward(self, x):
        shift = int(torch.randint(-RADIUS, RADIUS + 1, ()))
        length = x.shape[2]
        if shift > 0:
            return pad(x, (shift, 0), "reflect")[:, :, :length]
        return pad(x, (0, -shift), "reflect")[:, :, -length:] if shift else x


def generator():
    layers = [nn.Linear(LATENT, LENGTH // 4**DEPTH * CHANNELS << (DEPTH - 1)), nn.Unflatten(1, (CHANNELS << (DEPTH - 1), -1)), nn.ReLU()]
    for level in reversed(range(DEPTH)):
        to, function = (CHANNELS << (level - 1), nn.ReLU()) if level else (1, nn.Tanh())
        layers += [nn.ConvTranspose1d(CHANNELS << level, to, 25, 4, 11, 1), function]
    return nn.Sequential(*layers)


def critic():
    layers = []
    for level in range(DEPTH):
        layers += [PhaseShuffle()] if level else []
        layers += [nn.Conv1d(CHANNELS << (level - 1) if level else 1, CHANNELS << level, 25, 4, 11), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(LENGTH // 4**DEPTH * CHANNELS << (DEPTH - 1), 1))


data = torch.rand(1000, 1, LENGTH) * 2 - 1
g, d = generator(), critic()
optimizers = [torch.optim.Adam(network.parameters(), 1e-4, (0.5, 0.9), fused=True) for network in (g, d)]
latent = lambda: torch.rand(BATCH, LATENT) * 2 - 1


def step():
    d.requires_grad_(True)
    for _ in range(CRITIC_STEPS):
        real = data[torch.randint(len(data), (BATCH,))]
        with torch.no_grad():
            fake = g(latent())
        share = torch.rand(BATCH, 1, 1)
        between = (share * real + (1 - share) * fake).requires_grad_(True)
        (gradient,) = torch.autograd.grad(d(between).sum(), between, create_graph=True)
        penalty = WEIGHT * (gradient.flatten(1).norm(dim=1) - 1).square().mean()
        loss = d(fake).mean() - d(real).mean() + penalty
        optimizers[1].zero_grad(set_to_none=True)
        loss.backward()
        optimizers[1].step()
    d.requires_grad_(False)
    of_generator = -d(g(latent())).mean()
    optimizers[0].zero_grad(set_to_none=True)
    of_generator.backward()
    optimizers[0].step()
    return loss.item(), of_generator.item()


print(median_milliseconds(step, SECONDS))

"""PyTorch on a GPU: `eager` as it comes, with the fused Adam; `graph`: the same step captured once as a CUDA graph and replayed.

As the program does, the data lie on the device as bytes and losses are read only at the end.
"""

import argparse
import json
import statistics
import time

import torch
import torch_models

parser = argparse.ArgumentParser()
parser.add_argument("model", choices=["guide", "dcgan", "mlp"])
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--variant", choices=["eager", "graph"], default="eager")
parser.add_argument("--seconds", type=float, default=5.0)
parser.add_argument("--steps", type=int, default=0, help="so many steps instead, and the time of all")
parser.add_argument("--tf32", action="store_true")
parser.add_argument("--device", default="cuda")
arguments = parser.parse_args()
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = arguments.tf32
torch.manual_seed(0)
device, batch = torch.device(arguments.device), arguments.batch

IMAGES, LATENT = 9000, 100
data = torch.randint(0, 256, (IMAGES, 28, 28), dtype=torch.uint8, device=device)
generator, discriminator = [network.to(device) for network in torch_models.build(arguments.model)]
settings = dict(lr=2e-4, betas=(0.5, 0.999), eps=1e-8)
if device.type == "cuda":
    settings |= dict(fused=True, capturable=arguments.variant == "graph")
of_generator = torch.optim.Adam(generator.parameters(), **settings)
of_discriminator = torch.optim.Adam(discriminator.parameters(), **settings)
one, zero = torch.ones(batch, 1, device=device), torch.zeros(batch, 1, device=device)
entropy = torch.nn.functional.binary_cross_entropy_with_logits
chosen = torch.zeros(batch, dtype=torch.int64, device=device)


def update():
    real = data[chosen].float().div_(127.5).sub_(1).unsqueeze(1)
    discriminator.requires_grad_(True)
    with torch.no_grad():
        fake = generator(torch.randn(batch, LATENT, device=device))
    of_real_and_fake = entropy(discriminator(real), one) + entropy(discriminator(fake), zero)
    of_discriminator.zero_grad(set_to_none=True)
    of_real_and_fake.backward()
    of_discriminator.step()
    discriminator.requires_grad_(False)
    of_fake = entropy(discriminator(generator(torch.randn(batch, LATENT, device=device))), one)
    of_generator.zero_grad(set_to_none=True)
    of_fake.backward()
    of_generator.step()
    return of_real_and_fake, of_fake


def wait():
    if device.type == "cuda":
        torch.cuda.synchronize()


replay = update
if arguments.variant == "graph":
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            update()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        update()
    replay = graph.replay

EVERY = 10


def steps(count):
    for _ in range(count):
        chosen.copy_(torch.randint(0, IMAGES, (batch,)), non_blocking=True)
        replay()
    wait()


steps(EVERY)
begin = time.perf_counter()
if arguments.steps:
    steps(arguments.steps)
    print(json.dumps({"version": torch.__version__, "seconds": time.perf_counter() - begin}))
else:
    milliseconds = []
    while len(milliseconds) < 5 or time.perf_counter() - begin < arguments.seconds:
        start = time.perf_counter()
        steps(EVERY)
        milliseconds.append((time.perf_counter() - start) * 1e3 / EVERY)
    memory = torch.cuda.max_memory_allocated() / 2**20 if device.type == "cuda" else None
    result = {"version": torch.__version__, "milliseconds": statistics.median(milliseconds), "mib": memory}
    print(json.dumps(result))

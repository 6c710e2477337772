"""One training run in PyTorch, tuned as `torch_step.py` is, as Hydra starts it: losses of each step in a CSV file."""

import os
import sys

import hydra
from hydra.core.hydra_config import HydraConfig

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(settings):
    import numpy as np
    import torch
    import torch_models

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.manual_seed(settings.seed)
    drawn = np.random.default_rng(settings.seed)
    data = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (9000, 28, 28), dtype=np.uint8))
    order = torch.from_numpy(drawn.permutation(len(data)))
    networks = [network.to(memory_format=torch.channels_last) for network in torch_models.build(settings.model)]
    generator, discriminator = networks
    of_generator, of_discriminator = (
        torch.optim.Adam(network.parameters(), lr=settings.lr, betas=(0.5, 0.999), fused=True) for network in networks
    )
    one, zero = torch.ones(64, 1), torch.zeros(64, 1)
    entropy = torch.nn.functional.binary_cross_entropy_with_logits
    with open(f"{HydraConfig.get().runtime.output_dir}/losses.csv", "w") as file:
        for step in range(settings.steps):
            start = step * 64 % (len(data) - 64)
            real = data[order[start : start + 64]].float().div_(127.5).sub_(1).unsqueeze(1)
            discriminator.requires_grad_(True)
            with torch.no_grad():
                fake = generator(torch.randn(64, 100))
            of_real_and_fake = entropy(discriminator(real), one) + entropy(discriminator(fake), zero)
            of_discriminator.zero_grad()
            of_real_and_fake.backward()
            of_discriminator.step()
            discriminator.requires_grad_(False)
            of_fake = entropy(discriminator(generator(torch.randn(64, 100))), one)
            of_generator.zero_grad()
            of_fake.backward()
            of_generator.step()
            file.write(f"{step},{of_real_and_fake.item()},{of_fake.item()}\n")


main()

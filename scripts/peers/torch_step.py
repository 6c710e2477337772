"""PyTorch: `eager` as it comes; `tuned`: channels last and the fused Adam; `autocast`: that, and layers in bf16."""

from protocol import *
import torch
import torch_models

torch.set_num_threads(arguments.threads)
torch.manual_seed(0)
tuned = arguments.variant != "eager"
autocast = lambda: torch.autocast("cpu", torch.bfloat16, enabled=arguments.variant == "autocast")
data, indices = torch.from_numpy(images()), batches()
networks = torch_models.build(arguments.model)
if tuned:
    networks = [network.to(memory_format=torch.channels_last) for network in networks]
generator, discriminator = networks
settings = dict(lr=RATE, betas=(BETA1, BETA2), eps=EPSILON) | (dict(fused=True) if tuned else {})
of_generator = torch.optim.Adam(generator.parameters(), **settings)
of_discriminator = torch.optim.Adam(discriminator.parameters(), **settings)
one, zero = torch.ones(BATCH, 1), torch.zeros(BATCH, 1)
entropy = torch.nn.functional.binary_cross_entropy_with_logits


def step():
    real = data[torch.from_numpy(next(indices))].float().div_(127.5).sub_(1).unsqueeze(1)
    discriminator.requires_grad_(True)
    with torch.no_grad(), autocast():
        fake = generator(torch.randn(BATCH, LATENT))
    with autocast():
        of_real_and_fake = entropy(discriminator(real), one) + entropy(discriminator(fake), zero)
    of_discriminator.zero_grad(set_to_none=True)
    of_real_and_fake.backward()
    of_discriminator.step()
    # The generator's turn needs no gradients of the discriminator's weights.
    discriminator.requires_grad_(False)
    with autocast():
        of_fake = entropy(discriminator(generator(torch.randn(BATCH, LATENT))), one)
    of_generator.zero_grad(set_to_none=True)
    of_fake.backward()
    of_generator.step()
    return of_real_and_fake.item(), of_fake.item()


measure("PyTorch " + torch.__version__, step)

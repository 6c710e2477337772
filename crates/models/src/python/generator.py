class Generator(nn.Module):
    """`generator(latent)` is images `[count, channels, height, width]` in [-1, 1], or points `[count, dimensions]`."""

    def __init__(self, file=Path(__file__).with_name("generator.safetensors")):
        super().__init__()
        self.network = network()
        tensors = load_file(file)
        #: The input of the run's sample grids, and what the run's own generator makes of it.
        self.grid = {name.removeprefix("sample."): tensor for name, tensor in tensors.items() if name.startswith("sample.")}
        self.grid_output = self.grid.pop("output")
        weights = {name: tensor for name, tensor in tensors.items() if name.startswith("network.")}
        unlike = self.load_state_dict(weights, strict=False)
        missing = [name for name in unlike.missing_keys if not name.endswith("num_batches_tracked")]
        if missing or unlike.unexpected_keys:
            raise ValueError(f"{file} is of another generator: {missing + unlike.unexpected_keys}")
        self.eval()

    def forward(self, latent, labels=None, factors=None, noise=None):
        """`[count, LATENT]`, one-hot `[count, CLASSES]`, `[count, FACTORS]`, `[count, NOISE]`; those that are not 0."""
        numbers = torch.cat([part for part in (latent, labels, factors, noise) if part is not None], 1)
        made = self.network(numbers[:, :, None, None])
        return made.flatten(1) if POINTS else made

    @torch.no_grad()
    def sample(self, count, seed=0, label=None):
        """Samples of a seed, of one class or of all in turn. PyTorch draws other numbers than `runner sample` does."""
        stream = torch.Generator().manual_seed(seed)
        normal = lambda size: torch.randn(count, size, generator=stream)
        uniform = lambda size: 2 * torch.rand(count, size, generator=stream) - 1
        latent = normal(LATENT) if DISTRIBUTION == "normal" else uniform(LATENT)
        classes = torch.arange(count) % max(CLASSES, 1) if label is None else torch.full((count,), label)
        labels = functional.one_hot(classes, CLASSES).float() if CLASSES else None
        factors, noise = (draw(size) if size else None for draw, size in ((uniform, FACTORS), (normal, NOISE)))
        device = next(self.parameters()).device
        return self(*(part if part is None else part.to(device) for part in (latent, labels, factors, noise)))


if __name__ == "__main__":
    generator = Generator()
    with torch.no_grad():
        distance = (generator(**generator.grid) - generator.grid_output).abs().max().item()
    print(f"{len(generator.grid_output)} samples of the run's grid, largest difference {distance:.1e}")
    if not distance < 1e-4:
        raise SystemExit("this is not the run's generator")

class Generator(Network):
    """`generator(latent)` is images `[count, channels, height, width]` in [-1, 1], or points `[count, dimensions]`."""

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

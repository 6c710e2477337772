class Generator(Network):
    """`generator(source)` translates images `[count, channels, height, width]` in [-1, 1], or points `[count, dimensions]`."""

    def forward(self, source):
        made = self.network(source.reshape(len(source), *SOURCE))
        return made.flatten(1) if POINTS else made

class Network(nn.Module):
    """The layers with the weights of a file."""

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

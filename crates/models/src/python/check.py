if __name__ == "__main__":
    generator = Generator()
    with torch.no_grad():
        distance = (generator(**generator.grid) - generator.grid_output).abs().max().item()
    print(f"{len(generator.grid_output)} samples of the run's grid, largest difference {distance:.1e}")
    if not distance < 1e-4:
        raise SystemExit("this is not the run's generator")

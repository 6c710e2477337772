//! Environment variables of a process that trains.

/// What a process needs that trains so many runs at once on so many threads each, on the CPU or not; what the user has set
/// stays.
///
/// One malloc arena per compute thread, no thread cache (it fragments large blocks), no trimming between steps: by
/// default glibc returns the memory of every large tensor to the system and faults it in again. Other C libraries
/// ignore these names.
pub(crate) fn environment(slots: usize, threads: usize, is_cpu: bool) -> Vec<(String, String)> {
    let settings = [
        ("MALLOC_MMAP_THRESHOLD_", "1073741824".to_owned()),
        ("MALLOC_TRIM_THRESHOLD_", "4294967296".to_owned()),
        ("MALLOC_ARENA_MAX", (slots * threads).to_string()),
        ("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0".to_owned()),
    ];
    let settings = settings.into_iter().filter(|(name, _)| std::env::var_os(name).is_none());
    // Burn loads the records of optimizers onto its default device, which is the first GPU in a program that has a backend for
    // GPUs; from the CPU they go to the device of their run.
    let records = ("BURN_DEVICE", "flex".to_owned());
    // Burn looks there for `libdevice.10.bc`.
    let libdevice = if is_cpu { None } else { training::libdevice() };
    let libdevice = libdevice.and_then(|root| Some(("CUDA_PATH", root.to_str()?.to_owned())));
    settings.chain([records]).chain(libdevice).map(|(name, value)| (name.to_owned(), value)).collect()
}

//! `libdevice.10.bc`: NVIDIA's mathematical functions, which kernels with an exponential or a logarithm are linked with. The
//! driver does not bring it. The backend reads it below `CUDA_PATH`, so a worker is told there where it lies.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// For people whose machine lacks it.
pub const HOW_TO_GET_LIBDEVICE: &str = "it comes with the CUDA toolkit (set CUDA_PATH to its folder), with \
     `pip install nvidia-cuda-nvcc-cu12` in a virtual environment, or as a copy in \
     ~/.local/share/runner/cuda/nvvm/libdevice/libdevice.10.bc";

/// Where it is below the folder of a toolkit.
const PLACE: &str = "nvvm/libdevice/libdevice.10.bc";
/// Where toolkits are installed; the backend looks there, too.
const TOOLKITS: [&str; 4] = ["/usr/local/cuda", "/opt/cuda", "/usr/lib/cuda", "/usr"];
/// The folders of the wheels that hold it, below those of Python packages.
const WHEELS: [&str; 3] = ["nvidia/cuda_nvcc", "nvidia/cu13", "nvidia/nvvm"];

/// The folder of the toolkit, or of what has its place, in which `libdevice.10.bc` lies: the value for `CUDA_PATH`.
pub fn libdevice() -> Option<PathBuf> {
    find(&|name| env::var_os(name))
}

/// Whether the backend finds it in this very process, which cannot change its own environment.
#[cfg(feature = "cuda")]
pub(super) fn is_in_sight() -> bool {
    match env::var_os("CUDA_PATH") {
        Some(path) => has(Path::new(&path)),
        // Like the backend: the first folder of the kind, whatever it holds.
        None => TOOLKITS.iter().map(Path::new).find(|root| root.join("nvvm/libdevice").is_dir()).is_some_and(has),
    }
}

fn has(root: &Path) -> bool {
    root.join(PLACE).is_file()
}

fn find(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = path("HOME");
    let data = path("XDG_DATA_HOME").or_else(|| Some(home.as_ref()?.join(".local/share")));
    let own = data.map(|data| data.join("runner/cuda"));
    let toolkits = TOOLKITS.into_iter().map(PathBuf::from);
    let first = [path("CUDA_PATH"), path("CUDA_HOME"), path("CONDA_PREFIX"), own].into_iter().flatten();
    if let Some(root) = first.chain(toolkits).find(|root| has(root)) {
        return Some(root);
    }
    let environments = [path("VIRTUAL_ENV"), path("CONDA_PREFIX"), home.map(|home| home.join(".local"))];
    let prefixes = environments.into_iter().flatten().chain(["/usr/local".into(), "/usr".into()]);
    let packages = prefixes.flat_map(|prefix| packages(&prefix.join("lib")));
    packages.flat_map(|packages| WHEELS.map(|wheel| packages.join(wheel))).find(|root| has(root))
}

/// Folders of Python packages below `lib`, of all versions, newest name first.
fn packages(lib: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(lib).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_python = |path: &PathBuf| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("python3"))
    };
    let mut pythons: Vec<PathBuf> = entries.filter(is_python).collect();
    pythons.sort_by(|a, b| b.cmp(a));
    pythons.iter().flat_map(|python| ["site-packages", "dist-packages"].map(|kind| python.join(kind))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_found_in_a_toolkit_a_wheel_or_a_folder_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let put = |root: &str| {
            let file = folder.path().join(root).join(PLACE);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "").unwrap();
            folder.path().join(root)
        };
        let [home, environment] = ["home", "environment"].map(|name| folder.path().join(name));
        let variable = |name: &str| match name {
            "HOME" => Some(home.clone().into_os_string()),
            "VIRTUAL_ENV" => Some(environment.clone().into_os_string()),
            "CUDA_PATH" => Some(folder.path().join("toolkit").into_os_string()),
            _ => None,
        };
        let elsewhere = find(&|_| None);
        assert!(elsewhere.as_ref().is_none_or(|root| has(root)));
        let found = || find(&variable);
        assert_eq!(found(), elsewhere);
        let wheel = put("environment/lib/python3.11/site-packages/nvidia/cuda_nvcc");
        if elsewhere.is_none() {
            assert_eq!(found(), Some(wheel));
        }
        let own = put("home/.local/share/runner/cuda");
        assert_eq!(found(), Some(own));
        let toolkit = put("toolkit");
        assert_eq!(found(), Some(toolkit));
    }
}

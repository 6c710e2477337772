//! From a request such as `auto` or `cuda,cpu` to devices.

use super::{DeviceError, DeviceKind, cuda_devices, unavailable, vulkan_devices};

/// What a request for devices came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// At least one.
    pub devices: Vec<DeviceKind>,
    /// Which and why, in one line.
    pub because: String,
}

/// Whether the request names devices, whatever this machine has.
///
/// # Errors
/// A name is unknown.
pub fn check_names(request: &str) -> Result<(), DeviceError> {
    match request.trim() {
        "auto" => Ok(()),
        list => names(list)?.into_iter().try_for_each(|name| Named::read(name).map(drop)),
    }
}

/// Turns `auto`, or a list of `cpu`, `ndarray`, `cuda`, `cuda:N`, `vulkan` and `vulkan:N`, into devices that can be opened.
/// `cuda` and `vulkan` are all of theirs; `auto` is `cuda` if that answers, else `cpu`.
///
/// # Errors
/// A name is unknown, or what it names is not available; `auto` always finds the CPU.
pub fn select(request: &str) -> Result<Selection, DeviceError> {
    if request.trim() == "auto" {
        return Ok(match cuda_devices() {
            Ok(count) => Selection {
                devices: all(count, DeviceKind::Cuda),
                because: format!("{count} CUDA device(s): they answer"),
            },
            Err(reason) => Selection { devices: vec![DeviceKind::Flex], because: format!("the CPU (flex): {reason}") },
        });
    }
    let mut devices = Vec::new();
    for name in names(request)? {
        match Named::read(name)? {
            Named::Cuda => match cuda_devices() {
                Ok(count) => devices.extend(all(count, DeviceKind::Cuda)),
                Err(reason) => return unavailable(name, reason),
            },
            Named::Vulkan => match vulkan_devices() {
                Ok(count) => devices.extend(all(count, DeviceKind::Vulkan)),
                Err(reason) => return unavailable(name, reason),
            },
            Named::One(device) => {
                device.find()?;
                devices.push(device);
            }
        }
    }
    let names: Vec<_> = devices.iter().map(ToString::to_string).collect();
    Ok(Selection { because: format!("{}: as asked", names.join(", ")), devices })
}

fn all(count: usize, kind: fn(usize) -> DeviceKind) -> Vec<DeviceKind> {
    (0..count).map(kind).collect()
}

/// What one name of a list stands for.
enum Named {
    Cuda,
    Vulkan,
    One(DeviceKind),
}

impl Named {
    fn read(name: &str) -> Result<Self, DeviceError> {
        match name {
            "cuda" => Ok(Self::Cuda),
            "vulkan" => Ok(Self::Vulkan),
            name => name.parse().map(Self::One),
        }
    }
}

/// At least one.
fn names(list: &str) -> Result<Vec<&str>, DeviceError> {
    let names: Vec<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.is_empty() { Err(DeviceError::Unknown(list.trim().to_owned())) } else { Ok(names) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_name_devices() {
        let devices = |request: &str| select(request).map(|selection| selection.devices);
        assert_eq!(devices("cpu"), Ok(vec![DeviceKind::Flex]));
        assert_eq!(devices("cpu, flex"), Ok(vec![DeviceKind::Flex; 2]));
        for unknown in ["gpu", "cuda:", "cuda:x", "", ","] {
            assert_eq!(devices(unknown), Err(DeviceError::Unknown(unknown.trim().to_owned())), "{unknown:?}");
            assert_eq!(check_names(unknown), Err(DeviceError::Unknown(unknown.trim().to_owned())), "{unknown:?}");
        }
        assert!(!select("auto").unwrap().devices.is_empty());
        for known in ["auto", "cuda", "vulkan", "cuda,cpu", "vulkan:1, cuda:0"] {
            assert_eq!(check_names(known), Ok(()), "{known}");
        }
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_binary_without_cuda_says_so() {
        assert!(select("cuda").unwrap_err().to_string().contains("feature `cuda`"));
        assert!(select("cpu,cuda").unwrap_err().to_string().contains("feature `cuda`"));
        assert!(select("auto").unwrap().because.contains("feature `cuda`"));
        assert!(DeviceKind::Cuda(0).open().is_err());
    }

    #[cfg(not(feature = "wgpu"))]
    #[test]
    fn a_binary_without_vulkan_says_so() {
        assert!(select("vulkan").unwrap_err().to_string().contains("feature `wgpu`"));
        assert!(DeviceKind::Vulkan(0).open().is_err());
    }
}

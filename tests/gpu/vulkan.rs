//! Mesa's software Vulkan, which computes: slowly, and what the CPU computes.

use tests::Lab;

#[test]
fn a_sweep_trains_on_vulkan_beside_the_cpu() {
    let Some(program) = crate::program_with("wgpu") else { return };
    let lab = Lab::of_file(program);
    lab.tiny("vulkan", "sweep: { seeds: 1 }");
    let run = |results: &str, devices: &str| {
        let mut command = lab.command(&format!("sweep vulkan.yaml --results {results} --devices {devices}"));
        command.env("XDG_RUNTIME_DIR", lab.path("")).env_remove("LD_LIBRARY_PATH");
        lab.start_command(devices, command).wait().exits(0);
        let sweep = lab.sweep_in(&format!("{results}/vulkan"));
        let id = sweep.ids().remove(0);
        sweep.events_of(&id, "scalars")
    };
    let (vulkan, cpu) = (run("there", "vulkan:0"), run("here", "cpu"));
    assert_eq!(vulkan.len(), cpu.len());
    assert!(!vulkan.is_empty());
    for (vulkan, cpu) in vulkan.iter().zip(&cpu) {
        for name in ["loss/generator", "loss/discriminator"] {
            let value = |event: &serde_json::Value| event["values"][name].as_f64().unwrap();
            assert!((value(vulkan) - value(cpu)).abs() < 1e-4, "{name}: {vulkan} and {cpu}");
        }
    }
}

//! Links the hypervisor with the workspace's linker script, at a fixed address.

fn main() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let script = root.join("linker.ld");
    println!("cargo:rerun-if-changed={}", script.display());
    for arg in [
        "--no-pie",
        "-zmax-page-size=4096",
        "-znognustack",
        "--gc-sections",
        "--build-id=none",
    ] {
        println!("cargo:rustc-link-arg-bins={arg}");
    }
    println!("cargo:rustc-link-arg-bins=-T{}", script.display());
}

//! The start-of-day structure (`struct start_info`, `xen.h`).

/// As the domain builder laid it out, 64-bit.
#[repr(C)]
pub struct StartInfo {
    pub magic: [u8; 32],
    pub nr_pages: u64,
    pub shared_info: u64,
    pub flags: u32,
    pub store_mfn: u64,
    pub store_evtchn: u32,
    /// `console.domU.mfn`, or `console.dom0.info_off` and `info_size`.
    pub console: u64,
    pub console_evtchn: u32,
    pub pt_base: u64,
    pub nr_pt_frames: u64,
    pub mfn_list: u64,
    pub mod_start: u64,
    pub mod_len: u64,
    pub cmd_line: [u8; 1024],
    pub first_p2m_pfn: u64,
    pub nr_p2m_frames: u64,
}

/// `SIF_PRIVILEGED`.
pub const SIF_PRIVILEGED: u32 = 1 << 0;
/// `SIF_INITDOMAIN`.
pub const SIF_INITDOMAIN: u32 = 1 << 1;
/// `SIF_MOD_START_PFN`.
pub const SIF_MOD_START_PFN: u32 = 1 << 3;

impl StartInfo {
    /// The command line up to its NUL.
    pub fn command_line(&self) -> &str {
        let len = self.cmd_line.iter().position(|&b| b == 0).unwrap_or(1024);
        core::str::from_utf8(&self.cmd_line[..len]).unwrap_or("")
    }
}

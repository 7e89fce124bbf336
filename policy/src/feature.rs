//! Every processor feature that the interface has a name for, and who may have it.
//!
//! A feature is one bit in a row of 32-bit words, each a register of a CPUID leaf or half of an MSR;
//! `XEN_SYSCTL_get_cpu_featureset` hands out the row itself. The table at the end adds to the
//! features' numbers their audience and the name that debug output and tests use, as
//! `arch-x86/cpufeatureset.h` has them.

use core::fmt;

use abi::cpufeatureset;

/// Number of 32-bit words in a feature set.
pub const FEATURE_WORDS: usize = cpufeatureset::FEATURESET.len();

/// Which guests can have a feature, and whether they get it unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// No guest, or by special rules only.
    Nobody,
    /// Every guest.
    All,
    /// Every guest whose configuration asks for it.
    AllOptIn,
    /// HVM guests.
    Hvm,
    /// HVM guests whose configuration asks for it.
    HvmOptIn,
    /// HVM guests with nested paging.
    Hap,
    /// Those whose configuration asks for it.
    HapOptIn,
}

impl Audience {
    /// True where a PV guest can have the feature.
    pub const fn pv_max(self) -> bool {
        matches!(self, Self::All | Self::AllOptIn)
    }

    /// True where a PV guest has it by default.
    pub const fn pv_default(self) -> bool {
        matches!(self, Self::All)
    }
}

/// One feature bit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Feature(u16);

impl Feature {
    /// Index of its word, `0..FEATURE_WORDS`.
    pub const fn word(self) -> usize {
        (self.0 >> 5) as usize
    }

    /// Its bit in the word, as a mask.
    pub const fn mask(self) -> u32 {
        1 << (self.0 & 31)
    }

    /// Its name, without the header's prefix.
    pub fn name(self) -> &'static str {
        self.entry().map_or("?", |(_, _, name)| name)
    }

    /// Who may have it.
    pub fn audience(self) -> Audience {
        self.entry().map_or(Audience::Nobody, |(_, who, _)| *who)
    }

    fn entry(self) -> Option<&'static (Feature, Audience, &'static str)> {
        TABLE.iter().find(|(feature, _, _)| *feature == self)
    }

    /// Every named feature.
    pub fn all() -> impl Iterator<Item = Feature> {
        TABLE.iter().map(|(feature, _, _)| *feature)
    }
}

impl fmt::Debug for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of features.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct FeatureSet(pub(crate) [u32; FEATURE_WORDS]);

impl FeatureSet {
    /// No feature.
    pub const EMPTY: Self = Self([0; FEATURE_WORDS]);

    /// The set of all whose audience fits.
    pub(crate) const fn of(pick: Pick) -> Self {
        let mut set = Self::EMPTY;
        let mut rest: &[(Feature, Audience, &str)] = &TABLE;
        while let [(feature, audience, _), tail @ ..] = rest {
            let wanted = match pick {
                Pick::PvMax => audience.pv_max(),
                Pick::PvDefault => audience.pv_default(),
            };
            if wanted {
                set = set.with(*feature);
            }
            rest = tail;
        }
        set
    }

    /// The set from its words.
    pub const fn from_words(words: [u32; FEATURE_WORDS]) -> Self {
        Self(words)
    }

    /// The words, as `XEN_SYSCTL_get_cpu_featureset` wants them.
    pub const fn words(&self) -> &[u32; FEATURE_WORDS] {
        &self.0
    }

    #[allow(clippy::indexing_slicing)]
    const fn with(mut self, feature: Feature) -> Self {
        if feature.word() < FEATURE_WORDS {
            self.0[feature.word()] |= feature.mask();
        }
        self
    }

    /// True where the set holds `feature`.
    pub fn has(&self, feature: Feature) -> bool {
        self.0
            .get(feature.word())
            .is_some_and(|word| word & feature.mask() != 0)
    }

    /// Adds or removes `feature`.
    pub fn put(&mut self, feature: Feature, on: bool) {
        if let Some(word) = self.0.get_mut(feature.word()) {
            *word = *word & !feature.mask() | if on { feature.mask() } else { 0 };
        }
    }

    /// Adds `feature`.
    pub fn set(&mut self, feature: Feature) {
        self.put(feature, true);
    }

    /// Removes `feature`.
    pub fn clear(&mut self, feature: Feature) {
        self.put(feature, false);
    }

    /// The features of both sets.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= b);
        self
    }

    /// True where every feature of this set is one of `other`, unnamed bits included.
    pub fn within(&self, other: &Self) -> bool {
        self.and(other) == *self
    }

    /// The named features of the set.
    pub fn iter(&self) -> impl Iterator<Item = Feature> + '_ {
        Feature::all().filter(|feature| self.has(*feature))
    }
}

impl fmt::Debug for FeatureSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Which part of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pick {
    PvMax,
    PvDefault,
}

macro_rules! features {
    ($($name:ident = $number:ident, $audience:ident, $text:literal;)*) => {
        impl Feature {
            $(
                #[doc = concat!("`", $text, "`.")]
                pub const $name: Self = Self(cpufeatureset::$number as u16);
            )*
        }

        static TABLE: [(Feature, Audience, &str); [$($text),*].len()] = [
            $((Feature::$name, Audience::$audience, $text),)*
        ];
    };
}

features! {
    // Leaf 1 edx.
    FPU = XEN_X86_FEATURE_FPU, All, "FPU";
    VME = XEN_X86_FEATURE_VME, Hvm, "VME";
    DE = XEN_X86_FEATURE_DE, All, "DE";
    PSE = XEN_X86_FEATURE_PSE, Hvm, "PSE";
    TSC = XEN_X86_FEATURE_TSC, All, "TSC";
    MSR = XEN_X86_FEATURE_MSR, All, "MSR";
    PAE = XEN_X86_FEATURE_PAE, All, "PAE";
    MCE = XEN_X86_FEATURE_MCE, All, "MCE";
    CX8 = XEN_X86_FEATURE_CX8, All, "CX8";
    APIC = XEN_X86_FEATURE_APIC, All, "APIC";
    SEP = XEN_X86_FEATURE_SEP, All, "SEP";
    MTRR = XEN_X86_FEATURE_MTRR, Hvm, "MTRR";
    PGE = XEN_X86_FEATURE_PGE, Hvm, "PGE";
    MCA = XEN_X86_FEATURE_MCA, All, "MCA";
    CMOV = XEN_X86_FEATURE_CMOV, All, "CMOV";
    PAT = XEN_X86_FEATURE_PAT, All, "PAT";
    PSE36 = XEN_X86_FEATURE_PSE36, Hvm, "PSE36";
    CLFLUSH = XEN_X86_FEATURE_CLFLUSH, All, "CLFLUSH";
    DS = XEN_X86_FEATURE_DS, Nobody, "DS";
    ACPI = XEN_X86_FEATURE_ACPI, All, "ACPI";
    MMX = XEN_X86_FEATURE_MMX, All, "MMX";
    FXSR = XEN_X86_FEATURE_FXSR, All, "FXSR";
    SSE = XEN_X86_FEATURE_SSE, All, "SSE";
    SSE2 = XEN_X86_FEATURE_SSE2, All, "SSE2";
    SS = XEN_X86_FEATURE_SS, All, "SS";
    HTT = XEN_X86_FEATURE_HTT, All, "HTT";
    TM1 = XEN_X86_FEATURE_TM1, Nobody, "TM1";
    PBE = XEN_X86_FEATURE_PBE, Nobody, "PBE";
    // Leaf 1 ecx.
    SSE3 = XEN_X86_FEATURE_SSE3, All, "SSE3";
    PCLMULQDQ = XEN_X86_FEATURE_PCLMULQDQ, All, "PCLMULQDQ";
    DTES64 = XEN_X86_FEATURE_DTES64, Nobody, "DTES64";
    MONITOR = XEN_X86_FEATURE_MONITOR, Nobody, "MONITOR";
    DSCPL = XEN_X86_FEATURE_DSCPL, Nobody, "DSCPL";
    VMX = XEN_X86_FEATURE_VMX, HapOptIn, "VMX";
    SMX = XEN_X86_FEATURE_SMX, Nobody, "SMX";
    EIST = XEN_X86_FEATURE_EIST, Nobody, "EIST";
    TM2 = XEN_X86_FEATURE_TM2, Nobody, "TM2";
    SSSE3 = XEN_X86_FEATURE_SSSE3, All, "SSSE3";
    FMA = XEN_X86_FEATURE_FMA, All, "FMA";
    CX16 = XEN_X86_FEATURE_CX16, All, "CX16";
    XTPR = XEN_X86_FEATURE_XTPR, Nobody, "XTPR";
    PDCM = XEN_X86_FEATURE_PDCM, Nobody, "PDCM";
    PCID = XEN_X86_FEATURE_PCID, Hap, "PCID";
    DCA = XEN_X86_FEATURE_DCA, Nobody, "DCA";
    SSE4_1 = XEN_X86_FEATURE_SSE4_1, All, "SSE4_1";
    SSE4_2 = XEN_X86_FEATURE_SSE4_2, All, "SSE4_2";
    X2APIC = XEN_X86_FEATURE_X2APIC, Hvm, "X2APIC";
    MOVBE = XEN_X86_FEATURE_MOVBE, All, "MOVBE";
    POPCNT = XEN_X86_FEATURE_POPCNT, All, "POPCNT";
    TSC_DEADLINE = XEN_X86_FEATURE_TSC_DEADLINE, Hvm, "TSC_DEADLINE";
    AESNI = XEN_X86_FEATURE_AESNI, All, "AESNI";
    XSAVE = XEN_X86_FEATURE_XSAVE, All, "XSAVE";
    OSXSAVE = XEN_X86_FEATURE_OSXSAVE, Nobody, "OSXSAVE";
    AVX = XEN_X86_FEATURE_AVX, All, "AVX";
    F16C = XEN_X86_FEATURE_F16C, All, "F16C";
    RDRAND = XEN_X86_FEATURE_RDRAND, All, "RDRAND";
    HYPERVISOR = XEN_X86_FEATURE_HYPERVISOR, All, "HYPERVISOR";
    // Leaf 0x80000001 edx.
    SYSCALL = XEN_X86_FEATURE_SYSCALL, All, "SYSCALL";
    NX = XEN_X86_FEATURE_NX, All, "NX";
    MMXEXT = XEN_X86_FEATURE_MMXEXT, All, "MMXEXT";
    FFXSR = XEN_X86_FEATURE_FFXSR, All, "FFXSR";
    PAGE1GB = XEN_X86_FEATURE_PAGE1GB, Hap, "PAGE1GB";
    RDTSCP = XEN_X86_FEATURE_RDTSCP, All, "RDTSCP";
    LM = XEN_X86_FEATURE_LM, All, "LM";
    AMD_3DNOWEXT = XEN_X86_FEATURE_3DNOWEXT, All, "3DNOWEXT";
    AMD_3DNOW = XEN_X86_FEATURE_3DNOW, All, "3DNOW";
    // Leaf 0x80000001 ecx.
    LAHF_LM = XEN_X86_FEATURE_LAHF_LM, All, "LAHF_LM";
    CMP_LEGACY = XEN_X86_FEATURE_CMP_LEGACY, All, "CMP_LEGACY";
    SVM = XEN_X86_FEATURE_SVM, HapOptIn, "SVM";
    EXTAPIC = XEN_X86_FEATURE_EXTAPIC, Nobody, "EXTAPIC";
    CR8_LEGACY = XEN_X86_FEATURE_CR8_LEGACY, Hvm, "CR8_LEGACY";
    ABM = XEN_X86_FEATURE_ABM, All, "ABM";
    SSE4A = XEN_X86_FEATURE_SSE4A, All, "SSE4A";
    MISALIGNSSE = XEN_X86_FEATURE_MISALIGNSSE, All, "MISALIGNSSE";
    AMD_3DNOWPREFETCH = XEN_X86_FEATURE_3DNOWPREFETCH, All, "3DNOWPREFETCH";
    OSVW = XEN_X86_FEATURE_OSVW, Nobody, "OSVW";
    IBS = XEN_X86_FEATURE_IBS, Nobody, "IBS";
    XOP = XEN_X86_FEATURE_XOP, All, "XOP";
    SKINIT = XEN_X86_FEATURE_SKINIT, Nobody, "SKINIT";
    WDT = XEN_X86_FEATURE_WDT, Nobody, "WDT";
    LWP = XEN_X86_FEATURE_LWP, Nobody, "LWP";
    FMA4 = XEN_X86_FEATURE_FMA4, All, "FMA4";
    NODEID_MSR = XEN_X86_FEATURE_NODEID_MSR, Nobody, "NODEID_MSR";
    TBM = XEN_X86_FEATURE_TBM, All, "TBM";
    TOPOEXT = XEN_X86_FEATURE_TOPOEXT, Nobody, "TOPOEXT";
    DBEXT = XEN_X86_FEATURE_DBEXT, All, "DBEXT";
    MONITORX = XEN_X86_FEATURE_MONITORX, Nobody, "MONITORX";
    // Leaf 0xd.1 eax.
    XSAVEOPT = XEN_X86_FEATURE_XSAVEOPT, All, "XSAVEOPT";
    XSAVEC = XEN_X86_FEATURE_XSAVEC, All, "XSAVEC";
    XGETBV1 = XEN_X86_FEATURE_XGETBV1, All, "XGETBV1";
    XSAVES = XEN_X86_FEATURE_XSAVES, Hvm, "XSAVES";
    // Leaf 7.0 ebx.
    FSGSBASE = XEN_X86_FEATURE_FSGSBASE, All, "FSGSBASE";
    TSC_ADJUST = XEN_X86_FEATURE_TSC_ADJUST, Hvm, "TSC_ADJUST";
    SGX = XEN_X86_FEATURE_SGX, Nobody, "SGX";
    BMI1 = XEN_X86_FEATURE_BMI1, All, "BMI1";
    HLE = XEN_X86_FEATURE_HLE, AllOptIn, "HLE";
    AVX2 = XEN_X86_FEATURE_AVX2, All, "AVX2";
    FDP_EXCP_ONLY = XEN_X86_FEATURE_FDP_EXCP_ONLY, Nobody, "FDP_EXCP_ONLY";
    SMEP = XEN_X86_FEATURE_SMEP, Hvm, "SMEP";
    BMI2 = XEN_X86_FEATURE_BMI2, All, "BMI2";
    ERMS = XEN_X86_FEATURE_ERMS, All, "ERMS";
    INVPCID = XEN_X86_FEATURE_INVPCID, Hap, "INVPCID";
    RTM = XEN_X86_FEATURE_RTM, All, "RTM";
    PQM = XEN_X86_FEATURE_PQM, Nobody, "PQM";
    NO_FPU_SEL = XEN_X86_FEATURE_NO_FPU_SEL, Nobody, "NO_FPU_SEL";
    MPX = XEN_X86_FEATURE_MPX, HvmOptIn, "MPX";
    PQE = XEN_X86_FEATURE_PQE, Nobody, "PQE";
    AVX512F = XEN_X86_FEATURE_AVX512F, All, "AVX512F";
    AVX512DQ = XEN_X86_FEATURE_AVX512DQ, All, "AVX512DQ";
    RDSEED = XEN_X86_FEATURE_RDSEED, All, "RDSEED";
    ADX = XEN_X86_FEATURE_ADX, All, "ADX";
    SMAP = XEN_X86_FEATURE_SMAP, Hvm, "SMAP";
    AVX512_IFMA = XEN_X86_FEATURE_AVX512_IFMA, All, "AVX512_IFMA";
    CLFLUSHOPT = XEN_X86_FEATURE_CLFLUSHOPT, All, "CLFLUSHOPT";
    CLWB = XEN_X86_FEATURE_CLWB, All, "CLWB";
    PROC_TRACE = XEN_X86_FEATURE_PROC_TRACE, Nobody, "PROC_TRACE";
    AVX512PF = XEN_X86_FEATURE_AVX512PF, All, "AVX512PF";
    AVX512ER = XEN_X86_FEATURE_AVX512ER, All, "AVX512ER";
    AVX512CD = XEN_X86_FEATURE_AVX512CD, All, "AVX512CD";
    SHA = XEN_X86_FEATURE_SHA, All, "SHA";
    AVX512BW = XEN_X86_FEATURE_AVX512BW, All, "AVX512BW";
    AVX512VL = XEN_X86_FEATURE_AVX512VL, All, "AVX512VL";
    // Leaf 7.0 ecx.
    PREFETCHWT1 = XEN_X86_FEATURE_PREFETCHWT1, All, "PREFETCHWT1";
    AVX512_VBMI = XEN_X86_FEATURE_AVX512_VBMI, All, "AVX512_VBMI";
    UMIP = XEN_X86_FEATURE_UMIP, Hvm, "UMIP";
    PKU = XEN_X86_FEATURE_PKU, Hap, "PKU";
    OSPKE = XEN_X86_FEATURE_OSPKE, Nobody, "OSPKE";
    AVX512_VBMI2 = XEN_X86_FEATURE_AVX512_VBMI2, All, "AVX512_VBMI2";
    CET_SS = XEN_X86_FEATURE_CET_SS, Nobody, "CET_SS";
    GFNI = XEN_X86_FEATURE_GFNI, All, "GFNI";
    VAES = XEN_X86_FEATURE_VAES, All, "VAES";
    VPCLMULQDQ = XEN_X86_FEATURE_VPCLMULQDQ, All, "VPCLMULQDQ";
    AVX512_VNNI = XEN_X86_FEATURE_AVX512_VNNI, All, "AVX512_VNNI";
    AVX512_BITALG = XEN_X86_FEATURE_AVX512_BITALG, All, "AVX512_BITALG";
    AVX512_VPOPCNTDQ = XEN_X86_FEATURE_AVX512_VPOPCNTDQ, All, "AVX512_VPOPCNTDQ";
    RDPID = XEN_X86_FEATURE_RDPID, All, "RDPID";
    CLDEMOTE = XEN_X86_FEATURE_CLDEMOTE, All, "CLDEMOTE";
    MOVDIRI = XEN_X86_FEATURE_MOVDIRI, AllOptIn, "MOVDIRI";
    MOVDIR64B = XEN_X86_FEATURE_MOVDIR64B, AllOptIn, "MOVDIR64B";
    ENQCMD = XEN_X86_FEATURE_ENQCMD, Nobody, "ENQCMD";
    // Leaf 0x80000007 edx.
    HW_PSTATE = XEN_X86_FEATURE_HW_PSTATE, Nobody, "HW_PSTATE";
    ITSC = XEN_X86_FEATURE_ITSC, AllOptIn, "ITSC";
    CPB = XEN_X86_FEATURE_CPB, Nobody, "CPB";
    EFRO = XEN_X86_FEATURE_EFRO, Nobody, "EFRO";
    // Leaf 0x80000008 ebx.
    CLZERO = XEN_X86_FEATURE_CLZERO, All, "CLZERO";
    RSTR_FP_ERR_PTRS = XEN_X86_FEATURE_RSTR_FP_ERR_PTRS, All, "RSTR_FP_ERR_PTRS";
    WBNOINVD = XEN_X86_FEATURE_WBNOINVD, Nobody, "WBNOINVD";
    IBPB = XEN_X86_FEATURE_IBPB, All, "IBPB";
    IBRS = XEN_X86_FEATURE_IBRS, Hvm, "IBRS";
    AMD_STIBP = XEN_X86_FEATURE_AMD_STIBP, Hvm, "AMD_STIBP";
    IBRS_ALWAYS = XEN_X86_FEATURE_IBRS_ALWAYS, Hvm, "IBRS_ALWAYS";
    STIBP_ALWAYS = XEN_X86_FEATURE_STIBP_ALWAYS, Hvm, "STIBP_ALWAYS";
    IBRS_FAST = XEN_X86_FEATURE_IBRS_FAST, Hvm, "IBRS_FAST";
    IBRS_SAME_MODE = XEN_X86_FEATURE_IBRS_SAME_MODE, Hvm, "IBRS_SAME_MODE";
    NO_LMSL = XEN_X86_FEATURE_NO_LMSL, Hvm, "NO_LMSL";
    AMD_PPIN = XEN_X86_FEATURE_AMD_PPIN, Nobody, "AMD_PPIN";
    AMD_SSBD = XEN_X86_FEATURE_AMD_SSBD, Hvm, "AMD_SSBD";
    VIRT_SSBD = XEN_X86_FEATURE_VIRT_SSBD, Nobody, "VIRT_SSBD";
    SSB_NO = XEN_X86_FEATURE_SSB_NO, All, "SSB_NO";
    PSFD = XEN_X86_FEATURE_PSFD, Hvm, "PSFD";
    BTC_NO = XEN_X86_FEATURE_BTC_NO, All, "BTC_NO";
    IBPB_RET = XEN_X86_FEATURE_IBPB_RET, All, "IBPB_RET";
    // Leaf 7.0 edx.
    AVX512_4VNNIW = XEN_X86_FEATURE_AVX512_4VNNIW, All, "AVX512_4VNNIW";
    AVX512_4FMAPS = XEN_X86_FEATURE_AVX512_4FMAPS, All, "AVX512_4FMAPS";
    FSRM = XEN_X86_FEATURE_FSRM, All, "FSRM";
    AVX512_VP2INTERSECT = XEN_X86_FEATURE_AVX512_VP2INTERSECT, AllOptIn, "AVX512_VP2INTERSECT";
    SRBDS_CTRL = XEN_X86_FEATURE_SRBDS_CTRL, Nobody, "SRBDS_CTRL";
    MD_CLEAR = XEN_X86_FEATURE_MD_CLEAR, All, "MD_CLEAR";
    RTM_ALWAYS_ABORT = XEN_X86_FEATURE_RTM_ALWAYS_ABORT, Nobody, "RTM_ALWAYS_ABORT";
    TSX_FORCE_ABORT = XEN_X86_FEATURE_TSX_FORCE_ABORT, Nobody, "TSX_FORCE_ABORT";
    SERIALIZE = XEN_X86_FEATURE_SERIALIZE, All, "SERIALIZE";
    HYBRID = XEN_X86_FEATURE_HYBRID, Nobody, "HYBRID";
    TSXLDTRK = XEN_X86_FEATURE_TSXLDTRK, AllOptIn, "TSXLDTRK";
    CET_IBT = XEN_X86_FEATURE_CET_IBT, Nobody, "CET_IBT";
    AVX512_FP16 = XEN_X86_FEATURE_AVX512_FP16, Nobody, "AVX512_FP16";
    IBRSB = XEN_X86_FEATURE_IBRSB, All, "IBRSB";
    STIBP = XEN_X86_FEATURE_STIBP, All, "STIBP";
    L1D_FLUSH = XEN_X86_FEATURE_L1D_FLUSH, Hvm, "L1D_FLUSH";
    ARCH_CAPS = XEN_X86_FEATURE_ARCH_CAPS, All, "ARCH_CAPS";
    CORE_CAPS = XEN_X86_FEATURE_CORE_CAPS, Nobody, "CORE_CAPS";
    SSBD = XEN_X86_FEATURE_SSBD, All, "SSBD";
    // Leaf 7.1 eax.
    AVX_VNNI = XEN_X86_FEATURE_AVX_VNNI, All, "AVX_VNNI";
    AVX512_BF16 = XEN_X86_FEATURE_AVX512_BF16, All, "AVX512_BF16";
    FZRM = XEN_X86_FEATURE_FZRM, All, "FZRM";
    FSRS = XEN_X86_FEATURE_FSRS, All, "FSRS";
    FSRCS = XEN_X86_FEATURE_FSRCS, All, "FSRCS";
    // Leaf 0x80000021 eax.
    LFENCE_DISPATCH = XEN_X86_FEATURE_LFENCE_DISPATCH, All, "LFENCE_DISPATCH";
    VERW_CLEAR = XEN_X86_FEATURE_VERW_CLEAR, All, "VERW_CLEAR";
    NSCB = XEN_X86_FEATURE_NSCB, All, "NSCB";
    AUTO_IBRS = XEN_X86_FEATURE_AUTO_IBRS, Nobody, "AUTO_IBRS";
    SBPB = XEN_X86_FEATURE_SBPB, All, "SBPB";
    IBPB_BRTYPE = XEN_X86_FEATURE_IBPB_BRTYPE, All, "IBPB_BRTYPE";
    SRSO_NO = XEN_X86_FEATURE_SRSO_NO, All, "SRSO_NO";
    SRSO_US_NO = XEN_X86_FEATURE_SRSO_US_NO, All, "SRSO_US_NO";
    SRSO_MSR_FIX = XEN_X86_FEATURE_SRSO_MSR_FIX, Nobody, "SRSO_MSR_FIX";
    // Leaf 7.1 ebx.
    INTEL_PPIN = XEN_X86_FEATURE_INTEL_PPIN, Nobody, "INTEL_PPIN";
    // Leaf 7.2 edx.
    INTEL_PSFD = XEN_X86_FEATURE_INTEL_PSFD, All, "INTEL_PSFD";
    IPRED_CTRL = XEN_X86_FEATURE_IPRED_CTRL, Hvm, "IPRED_CTRL";
    RRSBA_CTRL = XEN_X86_FEATURE_RRSBA_CTRL, Hvm, "RRSBA_CTRL";
    BHI_CTRL = XEN_X86_FEATURE_BHI_CTRL, Hvm, "BHI_CTRL";
    MCDT_NO = XEN_X86_FEATURE_MCDT_NO, All, "MCDT_NO";
    // Leaf 7.1 edx.
    CET_SSS = XEN_X86_FEATURE_CET_SSS, Nobody, "CET_SSS";
    // IA32_ARCH_CAPABILITIES low.
    RDCL_NO = XEN_X86_FEATURE_RDCL_NO, All, "RDCL_NO";
    EIBRS = XEN_X86_FEATURE_EIBRS, All, "EIBRS";
    RSBA = XEN_X86_FEATURE_RSBA, Nobody, "RSBA";
    SKIP_L1DFL = XEN_X86_FEATURE_SKIP_L1DFL, Nobody, "SKIP_L1DFL";
    INTEL_SSB_NO = XEN_X86_FEATURE_INTEL_SSB_NO, All, "INTEL_SSB_NO";
    MDS_NO = XEN_X86_FEATURE_MDS_NO, All, "MDS_NO";
    IF_PSCHANGE_MC_NO = XEN_X86_FEATURE_IF_PSCHANGE_MC_NO, All, "IF_PSCHANGE_MC_NO";
    TSX_CTRL = XEN_X86_FEATURE_TSX_CTRL, Nobody, "TSX_CTRL";
    TAA_NO = XEN_X86_FEATURE_TAA_NO, All, "TAA_NO";
    MCU_CTRL = XEN_X86_FEATURE_MCU_CTRL, Nobody, "MCU_CTRL";
    MISC_PKG_CTRL = XEN_X86_FEATURE_MISC_PKG_CTRL, Nobody, "MISC_PKG_CTRL";
    ENERGY_FILTERING = XEN_X86_FEATURE_ENERGY_FILTERING, Nobody, "ENERGY_FILTERING";
    DOITM = XEN_X86_FEATURE_DOITM, Nobody, "DOITM";
    SBDR_SSDP_NO = XEN_X86_FEATURE_SBDR_SSDP_NO, All, "SBDR_SSDP_NO";
    FBSDP_NO = XEN_X86_FEATURE_FBSDP_NO, All, "FBSDP_NO";
    PSDP_NO = XEN_X86_FEATURE_PSDP_NO, All, "PSDP_NO";
    FB_CLEAR = XEN_X86_FEATURE_FB_CLEAR, All, "FB_CLEAR";
    FB_CLEAR_CTRL = XEN_X86_FEATURE_FB_CLEAR_CTRL, Nobody, "FB_CLEAR_CTRL";
    RRSBA = XEN_X86_FEATURE_RRSBA, Nobody, "RRSBA";
    BHI_NO = XEN_X86_FEATURE_BHI_NO, All, "BHI_NO";
    XAPIC_STATUS = XEN_X86_FEATURE_XAPIC_STATUS, Nobody, "XAPIC_STATUS";
    OVRCLK_STATUS = XEN_X86_FEATURE_OVRCLK_STATUS, Nobody, "OVRCLK_STATUS";
    PBRSB_NO = XEN_X86_FEATURE_PBRSB_NO, All, "PBRSB_NO";
    GDS_CTRL = XEN_X86_FEATURE_GDS_CTRL, Nobody, "GDS_CTRL";
    GDS_NO = XEN_X86_FEATURE_GDS_NO, All, "GDS_NO";
    RFDS_NO = XEN_X86_FEATURE_RFDS_NO, All, "RFDS_NO";
    RFDS_CLEAR = XEN_X86_FEATURE_RFDS_CLEAR, All, "RFDS_CLEAR";
    // IA32_ARCH_CAPABILITIES high.
    ITS_NO = XEN_X86_FEATURE_ITS_NO, All, "ITS_NO";
    // Leaf 0x80000021 ecx.
    TSA_SQ_NO = XEN_X86_FEATURE_TSA_SQ_NO, All, "TSA_SQ_NO";
    TSA_L1_NO = XEN_X86_FEATURE_TSA_L1_NO, All, "TSA_L1_NO";
}

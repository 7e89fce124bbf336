//! The screen: VGA text memory, or the linear framebuffer that the boot loader set up.
//!
//! Only messages go here, and only until dom0's own driver takes over: [`Screen::relinquish`] then
//! stops all access, because dom0 may have reprogrammed the card so that the same addresses mean
//! something else. What is drawn is decided by [`TextGrid`]; here a character becomes a cell of text
//! memory or a block of pixels. Video memory is only ever written.

use arch_defs::font;
use arch_defs::textgrid::{Draw, TextGrid};
use units::MAddr;

use super::io::{self, Mmio};

/// What the boot loader says of the screen (multiboot2 specification §3.6.12).
#[derive(Clone, Copy, Debug)]
pub struct ScreenInfo {
    /// Machine address of the first pixel or cell.
    pub addr: MAddr,
    /// Bytes from one line to the next.
    pub pitch: u32,
    /// Width in pixels, or in characters in text mode.
    pub width: u32,
    /// Height in pixels, or in characters in text mode.
    pub height: u32,
    /// Bits of a pixel.
    pub bpp: u8,
    /// Text mode.
    pub text: bool,
    /// Position and size in bits of red, green and blue in a pixel.
    pub rgb: [(u8, u8); 3],
}

impl ScreenInfo {
    /// The text mode that a BIOS leaves: 80 by 25.
    pub const VGA_TEXT: Self = Self {
        addr: MAddr::new(0xb_8000),
        pitch: 160,
        width: 80,
        height: 25,
        bpp: 16,
        text: true,
        rgb: [(0, 0); 3],
    };
}

/// Why a screen can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScreenError {
    /// Pixels of this many bits are not 15, 16, 24 or 32.
    Depth(u8),
    /// The lines overlap, or the screen is not on a multiple of 8, smaller than one character, or
    /// absurdly large.
    Geometry,
    /// Its memory can't be mapped.
    Unmappable(MAddr),
}

/// Largest video memory mapped: an 8K screen.
const MAX_BYTES: u64 = 256 << 20;
const CRTC_INDEX: u16 = 0x3d4;
const CRTC_DATA: u16 = 0x3d5;
/// Light grey on black.
const ATTRIBUTE: u16 = 0x07 << 8;

/// How a row of a character's eight pixels becomes bytes.
#[derive(Debug)]
enum Pixels {
    /// Text mode: it doesn't.
    Cells,
    /// Four bytes a pixel: two pixels a word, by their two bits.
    Four([u64; 4]),
    /// Three bytes a pixel: four pixels are twelve bytes, by their four bits.
    Three([u128; 16]),
    /// Two bytes a pixel: four pixels a word, by their four bits.
    Two([u64; 16]),
    /// Any width, slowly: bytes of a pixel, and a lit one.
    Bytes(usize, [u8; 4]),
}

impl Pixels {
    /// `lit` is a lit pixel of `unit` bytes; `aligned` says that lines begin at multiples of 8.
    fn new(unit: usize, lit: u32, aligned: bool) -> Self {
        /// The bytes of pixels, the leftmost first, that are lit as `bits` says.
        fn run(bits: usize, pixels: usize, unit: usize, lit: u32) -> u128 {
            let on = |i: &usize| bits >> (pixels - 1 - i) & 1 != 0;
            let pixel = |i| u128::from(lit) << (i * unit * 8);
            (0..pixels).filter(on).map(pixel).fold(0, |a, b| a | b)
        }
        let lit = lit & u32::MAX >> (32 - 8 * unit.clamp(1, 4));
        match unit {
            4 if aligned => Self::Four(core::array::from_fn(|bits| run(bits, 2, 4, lit) as u64)),
            3 if aligned => Self::Three(core::array::from_fn(|bits| run(bits, 4, 3, lit))),
            2 if aligned => Self::Two(core::array::from_fn(|bits| run(bits, 4, 2, lit) as u64)),
            _ => Self::Bytes(unit, lit.to_le_bytes()),
        }
    }

    /// Bytes of a pixel, or of a cell.
    fn unit(&self) -> usize {
        match self {
            Self::Cells | Self::Two(_) => 2,
            Self::Three(_) => 3,
            Self::Four(_) => 4,
            Self::Bytes(unit, _) => *unit,
        }
    }
}

#[derive(Debug)]
struct Surface {
    memory: Mmio,
    pitch: usize,
    pixels: Pixels,
}

impl Surface {
    fn is_text(&self) -> bool {
        matches!(self.pixels, Pixels::Cells)
    }
}

impl Draw for Surface {
    fn draw(&mut self, column: usize, row: usize, character: u8) {
        let memory = &self.memory;
        let glyph = font::glyph(character);
        let corner = row * font::HEIGHT * self.pitch + column * font::WIDTH * self.pixels.unit();
        let lines = (corner..).step_by(self.pitch.max(1)).zip(glyph);
        match &self.pixels {
            Pixels::Cells => {
                let at = row * self.pitch + column * 2;
                memory.write16(at, ATTRIBUTE | u16::from(character));
            }
            Pixels::Four(words) => {
                for (at, dots) in lines {
                    let word = |i: u8| words[usize::from(dots >> (6 - 2 * i) & 3)];
                    memory.write64s(at, [word(0), word(1), word(2), word(3)]);
                }
            }
            Pixels::Three(runs) => {
                for (at, dots) in lines {
                    let left = runs[usize::from(dots >> 4)];
                    let right = runs[usize::from(dots & 15)];
                    let middle = left >> 64 | right << 32;
                    memory.write64s(at, [left as u64, middle as u64, (right >> 32) as u64]);
                }
            }
            Pixels::Two(words) => {
                for (at, dots) in lines {
                    let word = |i: u8| words[usize::from(dots >> (4 - 4 * i) & 15)];
                    memory.write64s(at, [word(0), word(1)]);
                }
            }
            Pixels::Bytes(unit, lit) => {
                for (at, dots) in lines {
                    for (i, at) in (at..).step_by(*unit).take(font::WIDTH).enumerate() {
                        let on = dots >> (7 - i) & 1 != 0;
                        for (k, byte) in lit.iter().take(*unit).enumerate() {
                            memory.write8(at + k, if on { *byte } else { 0 });
                        }
                    }
                }
            }
        }
    }
}

/// A screen in use.
#[derive(Debug)]
pub struct Screen {
    surface: Surface,
    grid: TextGrid,
    ours: bool,
}

impl Screen {
    /// Maps the screen and clears it.
    ///
    /// # Safety
    /// `info` must describe this machine's screen, and nobody else may use it until
    /// [`Self::relinquish`].
    pub unsafe fn open(info: &ScreenInfo) -> Result<Self, ScreenError> {
        let unit = match (info.text, info.bpp) {
            (true, _) => 2,
            (false, 15 | 16) => 2,
            (false, 24) => 3,
            (false, 32) => 4,
            (false, bpp) => return Err(ScreenError::Depth(bpp)),
        };
        let (pitch, height) = (info.pitch as usize, info.height as usize);
        let bytes = u64::from(info.pitch) * u64::from(info.height);
        let lines_fit = u64::from(info.width) * unit as u64 <= u64::from(info.pitch);
        let (columns, rows) = if info.text {
            (info.width as usize, height)
        } else {
            (info.width as usize / font::WIDTH, height / font::HEIGHT)
        };
        let aligned = info.addr.get().is_multiple_of(8);
        if !aligned || !lines_fit || bytes > MAX_BYTES || columns == 0 || rows == 0 {
            return Err(ScreenError::Geometry);
        }
        // SAFETY: the caller vouches that this is video memory.
        let memory = unsafe { Mmio::map_framebuffer(info.addr, bytes as usize) };
        let mut screen = Self {
            surface: Surface {
                memory: memory.ok_or(ScreenError::Unmappable(info.addr))?,
                pitch,
                pixels: if info.text {
                    Pixels::Cells
                } else {
                    Pixels::new(unit, light_grey(&info.rgb), pitch.is_multiple_of(8))
                },
            },
            grid: TextGrid::new(columns, rows),
            ours: true,
        };
        screen.clear(bytes as usize);
        Ok(screen)
    }

    fn clear(&mut self, bytes: usize) {
        let blank = match self.surface.is_text() {
            true => u64::from(ATTRIBUTE | u16::from(b' ')) * (u64::MAX / 0xffff),
            false => 0,
        };
        for at in (0..bytes).step_by(8) {
            self.surface.memory.write64s(at, [blank]);
        }
        self.show_cursor();
    }

    /// Writes text; see [`TextGrid::put`] for control characters. Ignored once relinquished.
    pub fn write(&mut self, text: &[u8]) {
        if !self.ours {
            return;
        }
        self.hide_cursor();
        for byte in text {
            self.grid.put(*byte, &mut self.surface);
        }
        self.show_cursor();
    }

    fn cursor(&self) -> (usize, usize) {
        let (column, row) = self.grid.cursor();
        (column.min(self.grid.size().0 - 1), row)
    }

    fn hide_cursor(&mut self) {
        if !self.surface.is_text() {
            let (column, row) = self.cursor();
            let shown = self.grid.cell(column, row);
            self.surface.draw(column, row, shown);
        }
    }

    fn show_cursor(&mut self) {
        let (column, row) = self.cursor();
        if !self.surface.is_text() {
            self.surface.draw(column, row, b'_');
            return;
        }
        let at = row * (self.surface.pitch / 2) + column;
        for (register, value) in [(0x0e, at >> 8), (0x0f, at)] {
            // SAFETY: a card in text mode has these registers, which place the cursor; the screen is ours.
            unsafe {
                io::out8(CRTC_INDEX, register);
                io::out8(CRTC_DATA, value as u8);
            }
        }
    }

    /// Columns and rows of characters.
    pub fn size(&self) -> (usize, usize) {
        self.grid.size()
    }

    /// Column and row of the next character, which dom0 is told so that it goes on below our text.
    pub fn position(&self) -> (usize, usize) {
        self.cursor()
    }

    /// Never touches the screen again.
    pub fn relinquish(&mut self) {
        self.ours = false;
    }
}

/// A pixel with each colour at about two thirds.
fn light_grey(rgb: &[(u8, u8); 3]) -> u32 {
    let colour = |&(position, size): &(u8, u8)| {
        let full = 1u32.checked_shl(size.into()).unwrap_or(0).wrapping_sub(1);
        (full / 3 * 2).checked_shl(position.into()).unwrap_or(0)
    };
    rgb.iter().map(colour).fold(0, |a, b| a | b)
}

impl core::fmt::Write for Screen {
    fn write_str(&mut self, s: &str) -> core::fmt::Result {
        self.write(s.as_bytes());
        Ok(())
    }
}

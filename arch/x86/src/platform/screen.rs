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
    /// The lines overlap, or the screen is smaller than one character or absurdly large.
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

#[derive(Debug)]
struct Surface {
    memory: Mmio,
    pitch: usize,
    /// Bytes of a pixel or cell.
    unit: usize,
    /// A lit pixel; not used in text mode.
    lit: u32,
    text: bool,
}

impl Draw for Surface {
    fn draw(&mut self, column: usize, row: usize, character: u8) {
        if self.text {
            let at = row * self.pitch + column * 2;
            self.memory.write16(at, ATTRIBUTE | u16::from(character));
            return;
        }
        let bytes = font::WIDTH * self.unit;
        let mut at = row * font::HEIGHT * self.pitch + column * bytes;
        let mut line = [0u8; font::WIDTH * 4];
        let lit = self.lit.to_le_bytes();
        for pixels in font::glyph(character) {
            for (i, pixel) in line
                .chunks_exact_mut(self.unit)
                .take(font::WIDTH)
                .enumerate()
            {
                let on = pixels >> (7 - i) & 1 != 0;
                for (byte, lit) in pixel.iter_mut().zip(lit) {
                    *byte = if on { lit } else { 0 };
                }
            }
            self.memory
                .write_bytes(at, line.get(..bytes).unwrap_or(&[]));
            at += self.pitch;
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
        if !lines_fit || bytes > MAX_BYTES || columns == 0 || rows == 0 {
            return Err(ScreenError::Geometry);
        }
        // SAFETY: the caller vouches that this is video memory.
        let memory = unsafe { Mmio::map_framebuffer(info.addr, bytes as usize) };
        let mut screen = Self {
            surface: Surface {
                memory: memory.ok_or(ScreenError::Unmappable(info.addr))?,
                pitch,
                unit,
                lit: light_grey(&info.rgb),
                text: info.text,
            },
            grid: TextGrid::new(columns, rows),
            ours: true,
        };
        screen.clear(bytes as usize);
        Ok(screen)
    }

    fn clear(&mut self, bytes: usize) {
        let blank: [u8; 16] = match self.surface.text {
            true => (u128::from(ATTRIBUTE | u16::from(b' ')) * (u128::MAX / 0xffff)).to_le_bytes(),
            false => [0; 16],
        };
        for at in (0..bytes).step_by(blank.len()) {
            let len = blank.len().min(bytes - at);
            self.surface
                .memory
                .write_bytes(at, blank.get(..len).unwrap_or(&[]));
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
        if !self.surface.text {
            let (column, row) = self.cursor();
            let shown = self.grid.cell(column, row);
            self.surface.draw(column, row, shown);
        }
    }

    fn show_cursor(&mut self) {
        let (column, row) = self.cursor();
        if !self.surface.text {
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

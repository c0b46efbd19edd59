//! The fonts that ship inside the program, for the window and for what is printed.

/// The body's cut.
pub static INTER: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.ttf");
/// The heavier cut, for titles.
pub static INTER_SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.ttf");
/// Icons.
pub static PHOSPHOR: &[u8] = include_bytes!("../../assets/fonts/Phosphor.ttf");

//! Text from the input, made safe to show.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::diagnostic::is_hidden;

/// `text` with everything escaped that would steer a terminal or hide from the reader: control characters, line ends, and
/// the characters that change the direction of text or show nothing.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        push_escaped(&mut shown, c);
    }
    shown.into()
}

/// Appends `c` to `shown`, escaped if need be.
pub(super) fn push_escaped(shown: &mut String, c: char) {
    match c {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        c if is_hidden(c) => write!(shown, "\\u{{{:x}}}", u32::from(c)).expect("a String takes all text"),
        c => shown.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_the_rest_is_not() {
        assert_eq!(escaped("\u{1b}[31mred\u{202e}\r\n"), "\\u{1b}[31mred\\u{202e}\\r\\n");
        assert!(matches!(escaped("Zürich 日本"), Cow::Borrowed("Zürich 日本")));
    }
}

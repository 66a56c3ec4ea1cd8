//! One thing that is wrong with an input.

use super::Span;

/// Something in an input that cannot be represented, with what to do about it.
///
/// `message` and `help` are lowercase fragments without a final stop. Names from the input stand in them as data: the
/// renderer escapes control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which of the sources that were read together; 0 when there is only one.
    pub source: usize,
    /// Where in the file; [`Span::NONE`] when the whole input is meant.
    pub span: Span,
    /// Where in the document, such as `site_links[3].sites[1]`; empty when the whole input is meant.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Other places that belong to it, such as the first of two duplicates.
    pub labels: Vec<Label>,
}

/// A further place of a [`Problem`], with what is to be seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where in the file.
    pub span: Span,
    /// What is to be seen there.
    pub text: String,
}

impl Problem {
    /// A problem at `span`, called `path` in the document.
    pub fn new(span: Span, path: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem {
            source: 0,
            span,
            path: path.into(),
            message: message.into(),
            help: None,
            labels: Vec::new(),
        }
    }

    /// The same problem, found in the source at `index` of those that were read together.
    #[must_use]
    pub fn in_source(mut self, index: usize) -> Problem {
        self.source = index;
        self
    }

    /// The same problem with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }

    /// The same problem with one more place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Problem {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }
}

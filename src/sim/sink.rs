//! Where a trace goes.

use super::trace::TraceEvent;

/// Where the events of a run go, in order. Nothing is kept that a sink does not keep.
pub trait Sink {
    /// Takes the next event.
    fn take(&mut self, event: &TraceEvent);
}

impl Sink for Vec<TraceEvent> {
    fn take(&mut self, event: &TraceEvent) {
        self.push(event.clone());
    }
}

/// Two sinks take the same events.
impl<A: Sink, B: Sink> Sink for (A, B) {
    fn take(&mut self, event: &TraceEvent) {
        self.0.take(event);
        self.1.take(event);
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn take(&mut self, event: &TraceEvent) {
        (**self).take(event);
    }
}

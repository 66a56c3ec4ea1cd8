//! What an import did, as text.

use std::io::{self, Write};

use comfy_table::{CellAlignment, Table, presets};

use super::escape::escaped;
use crate::load::import::{ClassReport, ImportReport, Note};

/// Writes `report`: a table of classes, then what was left out, where files disagree, what was made up and taken for
/// granted, the restrictions that are not modelled, and the attributes without effect. Sections with nothing to say are left out.
pub fn write(report: &ImportReport, out: &mut impl Write) -> io::Result<()> {
    if report.classes.is_empty() {
        writeln!(out, "The files hold no objects.")?;
    }
    let table = (!report.classes.is_empty()).then(|| classes(&report.classes).to_string());
    for line in table.iter().flat_map(|table| table.lines()) {
        writeln!(out, "{}", line.trim_end())?;
    }
    notes(out, "Left out", &report.left_out)?;
    notes(out, "Files that disagree", &report.conflicts)?;
    notes(out, "Added, because others refer to them", &report.added)?;
    let assumptions = report.assumptions.iter();
    let assumptions = assumptions.map(|assumption| (assumption.text.as_str(), &assumption.subjects[..]));
    with_subjects(out, "Taken for granted", assumptions)?;
    let restrictions = report.restrictions.iter();
    let restrictions = restrictions.map(|restriction| (restriction.attribute.as_str(), &restriction.subjects[..]));
    let title = "Read but not modelled; may change the routes of 2000 and 2003 servers";
    with_subjects(out, title, restrictions)?;
    let with_attributes = |class: &&ClassReport| !class.attributes_not_modelled.is_empty();
    for (number, class) in report.classes.iter().filter(with_attributes).enumerate() {
        if number == 0 {
            writeln!(out, "\nAttributes without effect on the topology (number of objects):")?;
        }
        let attributes: Vec<String> = class
            .attributes_not_modelled
            .iter()
            .map(|(name, objects)| format!("{} ({objects})", escaped(name)))
            .collect();
        writeln!(out, "  {}: {}", escaped(&class.class), attributes.join(", "))?;
    }
    Ok(())
}

fn classes(classes: &[ClassReport]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["Class", "Read", "Modelled", "Not modelled", ""]);
    for class in classes {
        let remark = if class.known { "" } else { "without effect on mail" };
        table.add_row([
            escaped(&class.class).into_owned(),
            class.read.to_string(),
            class.modelled.to_string(),
            class.not_modelled().to_string(),
            remark.to_owned(),
        ]);
    }
    for column in table.column_iter_mut().skip(1).take(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Texts, each with the objects that it is about.
fn with_subjects<'a>(
    out: &mut impl Write,
    title: &str,
    texts: impl Iterator<Item = (&'a str, &'a [String])>,
) -> io::Result<()> {
    for (number, (text, subjects)) in texts.enumerate() {
        if number == 0 {
            writeln!(out, "\n{title}:")?;
        }
        let subjects: Vec<_> = subjects.iter().map(|subject| escaped(subject)).collect();
        writeln!(out, "  {}\n      {}", escaped(text), subjects.join(", "))?;
    }
    Ok(())
}

fn notes(out: &mut impl Write, title: &str, notes: &[Note]) -> io::Result<()> {
    if !notes.is_empty() {
        writeln!(out, "\n{title}:")?;
    }
    for note in notes {
        let Note {
            file,
            line,
            subject,
            text,
        } = note;
        writeln!(
            out,
            "  {}:{line}: {}: {}",
            escaped(file),
            escaped(subject),
            escaped(text)
        )?;
    }
    Ok(())
}

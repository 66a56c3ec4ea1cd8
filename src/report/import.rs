//! What an import did, as text.

use std::io::{self, Write};

use comfy_table::{CellAlignment, Table, presets};

use super::escape::escaped;
use crate::load::import::{ClassReport, ImportReport, Note};

/// Writes `report`: a table of classes, then what was left out, where files disagree, what was made up and taken for
/// granted, and the attributes without effect. Sections with nothing to say are left out.
pub fn write(report: &ImportReport, out: &mut impl Write) -> io::Result<()> {
    if report.classes.is_empty() {
        writeln!(out, "The files hold no objects.")?;
        return Ok(());
    }
    for line in classes(&report.classes).to_string().lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    notes(out, "Left out", &report.left_out)?;
    notes(out, "Files that disagree", &report.conflicts)?;
    notes(out, "Added, because others refer to them", &report.added)?;
    if !report.assumptions.is_empty() {
        writeln!(out, "\nTaken for granted:")?;
    }
    for assumption in &report.assumptions {
        writeln!(out, "  {}", escaped(&assumption.text))?;
        let subjects: Vec<String> = assumption
            .subjects
            .iter()
            .map(|subject| escaped(subject).into_owned())
            .collect();
        writeln!(out, "      {}", subjects.join(", "))?;
    }
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

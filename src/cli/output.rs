//! Where the result goes: standard output, or a file that is replaced at once.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anstream::{AutoStream, ColorChoice};
use bridgehead::report::Palette;
use tempfile::NamedTempFile;

use super::failure::Failure;
use super::{Color, Global};

/// Where the result will go. Nothing is opened before there is something to write.
pub(super) struct Output {
    path: Option<PathBuf>,
    color: Color,
}

impl Output {
    /// A file beside the result.
    pub(super) fn file(path: PathBuf) -> Output {
        Output {
            path: Some(path),
            color: Color::Never,
        }
    }

    pub(super) fn new(global: &Global) -> Output {
        Output {
            path: global.output.clone().filter(|path| path.as_os_str() != "-"),
            color: global.color,
        }
    }

    /// The file of `-o`; `None`: standard output.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The palette for text.
    pub(super) fn palette(&self) -> Palette {
        let to_file = self.color == Color::Auto && self.path.is_some();
        Palette::new(!to_file && self.color.choice(&io::stdout()) != ColorChoice::Never)
    }

    /// Whether the result goes to the terminal on which somebody looks, where a line of progress would be in its way.
    pub(super) fn is_terminal(&self) -> bool {
        self.path.is_none() && io::stdout().is_terminal()
    }

    /// Refuses to write over an input, whatever it is called: nothing would bring it back.
    pub(super) fn spare(&self, input: &Path) -> Result<(), Failure> {
        let Some(path) = &self.path else { return Ok(()) };
        let real = |path: &Path| fs::canonicalize(path).ok();
        if input != Path::new("-") && real(path).is_some_and(|path| path.is_file() && Some(path) == real(input)) {
            let message = format!("`-o {}` would write over the input", path.display());
            return Err(Failure::usage(message).help("write to another file"));
        }
        Ok(())
    }

    /// Whether two results would be one file, which may not be there yet.
    pub(super) fn is_same_file(&self, other: &Output) -> bool {
        let place = |path: &Path| {
            let folder = fs::canonicalize(folder_of(path)).ok()?;
            Some(fs::canonicalize(path).unwrap_or_else(|_| folder.join(path.file_name().unwrap_or_default())))
        };
        match (&self.path, &other.path) {
            (Some(one), Some(two)) => one == two || place(one).is_some_and(|one| Some(one) == place(two)),
            _ => false,
        }
    }

    /// Fails as writing would when there is no folder for the file: for who works long before that.
    pub(super) fn expect_folder(&self) -> Result<(), Failure> {
        match &self.path {
            Some(path) => existing_folder(path)
                .map(|_| ())
                .map_err(|error| Failure::output_to(path, error)),
            None => Ok(()),
        }
    }

    /// Writes the result. A file of `-o` stays as it was unless `write` succeeds.
    pub(super) fn write(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        let Some(path) = self.path else {
            // Escape sequences are translated for consoles that do not know them; the palette decides whether there are any.
            let mut out = BufWriter::with_capacity(1 << 16, AutoStream::always(io::stdout()));
            return write(&mut out).and_then(|()| out.flush()).map_err(Failure::output);
        };
        let written = match fs::metadata(&path) {
            // A device or a pipe cannot be replaced.
            Ok(old) if !old.is_file() && !old.is_dir() => {
                let mut out = BufWriter::new(
                    File::options()
                        .write(true)
                        .open(&path)
                        .map_err(|e| Failure::output_to(&path, e))?,
                );
                write(&mut out).and_then(|()| out.flush())
            }
            old => replace(&path, old.ok().map(|old| old.permissions()), write),
        };
        written.map_err(|error| Failure::output_to(&path, error))
    }
}

/// Writes beside `path`, then renames: nobody ever sees half a file.
fn replace(
    path: &Path,
    permissions: Option<Permissions>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
    }
    let folder = existing_folder(path)?;
    // The name of the temporary file would only confuse.
    let file = temporary(folder).map_err(|error| {
        let message = format!(
            "no file can be made in {}: {}",
            folder.display(),
            io::Error::from(error.kind())
        );
        io::Error::new(error.kind(), message)
    })?;
    let mut out = BufWriter::with_capacity(1 << 16, file);
    write(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(unix)]
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    // What any new file gets: the process's mask is applied.
    let permissions = Permissions::from_mode(0o666);
    tempfile::Builder::new().permissions(permissions).tempfile_in(folder)
}

#[cfg(not(unix))]
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    NamedTempFile::new_in(folder)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn existing_folder(path: &Path) -> io::Result<&Path> {
    let folder = folder_of(path);
    match folder.is_dir() {
        true => Ok(folder),
        false => {
            let message = format!("there is no folder {}", folder.display());
            Err(io::Error::new(io::ErrorKind::NotFound, message))
        }
    }
}

//! Release numbers. Compiled by the build script as well, so it uses nothing of the crate.

use std::fmt;
use std::str::FromStr;

/// The number of a release, as in `6.1.0`. Ordered as releases follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

impl Version {
    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Through `pad`, so that a table can ask for a width.
        f.pad(&format!("{}.{}.{}", self.major, self.minor, self.patch))
    }
}

/// What stands where a release number is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionError(String);

impl fmt::Display for VersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a release number such as 6.1.0", self.0)
    }
}

impl std::error::Error for VersionError {}

impl FromStr for Version {
    type Err = VersionError;

    /// Reads `6.1.0`. The patch number may be missing, as people leave out a zero: `6.1` is `6.1.0`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers: Option<Vec<u32>> = text.split('.').map(number).collect();
        match numbers.as_deref() {
            Some(&[major, minor]) => Ok(Self::new(major, minor, 0)),
            Some(&[major, minor, patch]) => Ok(Self::new(major, minor, patch)),
            _ => Err(VersionError(text.to_owned())),
        }
    }
}

/// `u32::from_str` takes a sign, a release number has none.
fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_ordered_by_number_and_not_by_letter() {
        let parse = |text: &str| text.parse::<Version>().unwrap();
        assert!(parse("6.9.0") < parse("6.10.0"));
        assert!(parse("6.0.1") > parse("6.0.0"));
        assert_eq!(parse("6.1"), Version::new(6, 1, 0));
        assert_eq!(parse("6.1.0").to_string(), "6.1.0");
    }

    #[test]
    fn what_is_no_release_number_is_refused_by_name() {
        for text in ["", "6", "6.", "6.1.0.0", "v6.1.0", "6.+1.0", "6.1.0-rc1", "6.99999999999"] {
            let error = text.parse::<Version>().unwrap_err();
            assert_eq!(error.to_string(), format!("`{text}` is not a release number such as 6.1.0"));
        }
    }
}

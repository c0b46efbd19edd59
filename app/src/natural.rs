//! Names in the order in which people count.

/// A name cut into words and the numbers behind them, so that `take 9` comes before `take 10`. Case and leading zeros do not count: whoever needs one order
/// for one folder sorts by the names themselves first.
pub fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts: Vec<(String, u64)> = Vec::new();
    let mut in_number = true;
    for c in name.chars() {
        match c.to_digit(10) {
            Some(digit) => {
                if parts.is_empty() {
                    parts.push(Default::default());
                }
                if let Some((_, number)) = parts.last_mut() {
                    *number = number.saturating_mul(10).saturating_add(u64::from(digit));
                }
                in_number = true;
            }
            None => {
                if in_number {
                    parts.push(Default::default());
                }
                if let Some((word, _)) = parts.last_mut() {
                    word.extend(c.to_lowercase());
                }
                in_number = false;
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_comes_before_ten_and_case_does_not_count() {
        assert!(natural("take 9.png") < natural("Take 10.png"));
        assert!(natural("2a") < natural("10"));
        assert!(natural("a") < natural("a1") && natural("1a") < natural("1b"));
        assert_eq!(natural("A1b"), natural("a01B"));
    }
}

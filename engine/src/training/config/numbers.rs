//! Numbers that no run can follow: it would break off in its midst, or learn nothing.

use super::TrainingConfig;

/// What a number must be.
#[derive(Clone, Copy, Debug)]
enum Rule {
    Share,
    BelowOne,
    Positive,
    NotNegative,
}

impl Rule {
    /// Never what is no number.
    fn allows(self, value: f64) -> bool {
        match self {
            Self::Share => (0.0..=1.0).contains(&value),
            Self::BelowOne => (0.0..1.0).contains(&value),
            Self::Positive => value > 0.0 && value.is_finite(),
            Self::NotNegative => value >= 0.0 && value.is_finite(),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Share => "from 0 to 1",
            Self::BelowOne => "at least 0 and less than 1",
            Self::Positive => "a number above 0",
            Self::NotNegative => "a number, and not below 0",
        }
    }
}

impl TrainingConfig {
    /// What is wrong with the first number that no run can follow, by its field's name.
    pub(super) fn wrong_number(&self) -> Option<String> {
        let Self {
            optimizer,
            average,
            losses,
            augmentation,
            ..
        } = self;
        let (low, high) = augmentation.thresholds;
        let numbers = [
            ("optimizer.betas.0", f64::from(optimizer.betas.0), Rule::BelowOne),
            ("optimizer.betas.1", f64::from(optimizer.betas.1), Rule::BelowOne),
            ("optimizer.weight_decay", f64::from(optimizer.weight_decay), Rule::NotNegative),
            ("optimizer.clip", optimizer.clip, Rule::Positive),
            ("average.decay", average.decay, Rule::BelowOne),
            ("losses.squared", losses.squared, Rule::NotNegative),
            ("losses.shrunk", losses.shrunk, Rule::NotNegative),
            ("losses.anchor", losses.anchor, Rule::NotNegative),
            ("losses.divergence", losses.divergence, Rule::NotNegative),
            ("losses.attention", losses.attention, Rule::NotNegative),
            ("losses.recovery", losses.recovery, Rule::NotNegative),
            ("losses.snr_gamma", losses.snr_gamma, Rule::Positive),
            ("losses.balance", losses.balance, Rule::Share),
            ("augmentation.drop_reference", augmentation.drop_reference, Rule::Share),
            ("augmentation.drop_sketch", augmentation.drop_sketch, Rule::Share),
            ("augmentation.whiten_reference", augmentation.whiten_reference, Rule::Share),
            ("augmentation.direct_background", augmentation.direct_background, Rule::Share),
            ("augmentation.noise_offset", augmentation.noise_offset, Rule::NotNegative),
            ("augmentation.decoder_noise", augmentation.decoder_noise, Rule::NotNegative),
            ("augmentation.thresholds.0", f64::from(low), Rule::Share),
            ("augmentation.thresholds.1", f64::from(high), Rule::Share),
        ];
        let numbers = numbers.map(|(name, value, rule)| (name.to_owned(), value, rule));
        let rates = self.stages.iter().enumerate().flat_map(|(index, stage)| {
            let (first, last) = stage.learning_rate;
            // A rate may fall to nothing.
            [
                (format!("stages[{index}].learning_rate.0"), first, Rule::Positive),
                (format!("stages[{index}].learning_rate.1"), last, Rule::NotNegative),
            ]
        });
        let wrong = numbers.into_iter().chain(rates).find(|(_, value, rule)| !rule.allows(*value));
        match wrong {
            Some((name, _, rule)) => Some(format!("{name} must be {}", rule.words())),
            None if low > high => Some("augmentation.thresholds must rise: the lower one comes first".to_owned()),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_no_run_can_follow_is_refused_by_its_name() {
        type Edit = fn(&mut TrainingConfig);
        let edits: [(&str, Edit); 10] = [
            ("augmentation.drop_reference must be from 0 to 1", |config| {
                config.augmentation.drop_reference = 1.5
            }),
            ("augmentation.drop_sketch", |config| {
                config.augmentation.drop_sketch = f64::NAN
            }),
            ("augmentation.whiten_reference", |config| {
                config.augmentation.whiten_reference = -0.1
            }),
            ("augmentation.direct_background", |config| {
                config.augmentation.direct_background = 2.0
            }),
            ("augmentation.thresholds must rise", |config| {
                config.augmentation.thresholds = (0.9, 0.1)
            }),
            ("average.decay", |config| config.average.decay = 1.0),
            ("optimizer.betas.1", |config| config.optimizer.betas.1 = 1.0),
            ("optimizer.clip", |config| config.optimizer.clip = 0.0),
            ("stages[1].learning_rate.0", |config| {
                config.stages[1].learning_rate.0 = f64::INFINITY
            }),
            ("stages[0].learning_rate.1", |config| config.stages[0].learning_rate.1 = -1e-5),
        ];
        let sound: TrainingConfig =
            ron::from_str(include_str!("../../../../assets/training/tiny.ron")).expect("the shipped run is right");
        let path = std::path::Path::new("run.ron");
        assert!(sound.check(path).is_ok());
        for (words, edit) in edits {
            let mut config = sound.clone();
            edit(&mut config);
            let refused = config.check(path).unwrap_err().to_string();
            assert!(refused.contains(words) && refused.contains("run.ron"), "{refused}");
        }
    }
}

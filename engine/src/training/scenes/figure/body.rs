//! Proportions, poses and the skeleton that clothes hang on.

use tiny_skia::Point;

use super::super::rng::SceneRng;
use super::super::shape::at;
use super::face::Expression;

/// Sizes of the body, in face units.
pub struct Proportions {
    pub shoulder: f32,
    pub waist: f32,
    pub hip: f32,
    pub torso: f32,
    /// Length of one of an arm's two bones.
    pub arm: f32,
    /// Length of one of a leg's two bones.
    pub leg: f32,
    pub thickness: f32,
}

impl Proportions {
    pub fn random(rng: &mut SceneRng) -> Self {
        // From two and a half heads (0) to five and a half (1).
        let tall = rng.range(0.0, 1.0);
        let build = rng.range(0.9, 1.12);
        let torso = 1.35 + 0.85 * tall;
        Self {
            shoulder: (0.66 + 0.3 * tall) * build,
            waist: (0.52 + 0.1 * tall) * build,
            hip: (0.62 + 0.14 * tall) * rng.range(0.92, 1.08),
            torso,
            arm: torso * 0.58,
            leg: 0.62 + 0.95 * tall,
            thickness: (0.2 + 0.03 * tall) * build,
        }
    }

    pub fn shoulder_y(&self) -> f32 {
        1.42
    }

    pub fn hip_y(&self) -> f32 {
        1.3 + self.torso
    }
}

/// What a character does in one picture.
pub struct Pose {
    /// Turn of the head to the right (1) or left (-1); beyond 1.2 either way it is seen from the side.
    pub yaw: f32,
    /// Turn of the body likewise.
    pub turn: f32,
    /// Seen from behind.
    pub away: bool,
    /// Tilt of the head in degrees.
    pub tilt: f32,
    /// Sideways lean of the hip.
    pub lean: f32,
    /// Swing of hair and hems.
    pub sway: f32,
    /// Angles of upper arm and forearm from straight down, outwards, in radians; left, right.
    pub arms: [[f32; 2]; 2],
    /// Angles of thigh and shin likewise.
    pub legs: [[f32; 2]; 2],
    pub expression: Expression,
}

impl Pose {
    /// From the side: 1 facing right, -1 facing left.
    pub fn profile(&self) -> Option<f32> {
        (self.yaw.abs() > 1.2).then(|| self.yaw.signum())
    }

    /// The same, seen from the front.
    pub fn facing(self) -> Self {
        Self { away: false, ..self }
    }

    pub fn random(rng: &mut SceneRng) -> Self {
        const ARMS: [[f32; 2]; 8] = [
            [0.18, 0.05],
            [0.3, 0.1],
            [0.7, -0.9],
            [2.4, 2.8],
            [1.0, 2.3],
            [0.35, -1.1],
            [1.35, 1.5],
            [0.5, 0.2],
        ];
        let arm = |rng: &mut SceneRng| {
            let [upper, fore] = rng.pick(&ARMS);
            [upper + rng.range(-0.12, 0.12), fore + rng.range(-0.15, 0.15)]
        };
        let first = arm(rng);
        let second = if rng.chance(0.4) { first } else { arm(rng) };
        const LEGS: [[f32; 2]; 5] = [[0.06, 0.03], [0.14, 0.1], [0.3, 0.22], [0.5, -0.3], [0.02, 0.02]];
        let leg = rng.pick(&LEGS);
        let other = if rng.chance(0.6) { leg } else { rng.pick(&LEGS) };
        let turn = if rng.chance(0.4) { rng.signed() } else { 0.0 };
        let yaw = if rng.chance(0.12) {
            1.5 * if turn == 0.0 { rng.side() } else { turn.signum() }
        } else {
            (turn * 0.5 + rng.signed() * 0.9).clamp(-0.95, 0.95)
        };
        Self {
            yaw,
            turn,
            away: rng.chance(0.06),
            tilt: rng.signed() * 11.0,
            lean: rng.signed() * 0.12,
            sway: rng.signed(),
            arms: [first, second],
            legs: [leg, other],
            expression: Expression::random(rng),
        }
    }
}

/// Joints of a posed body, in face units.
pub struct Skeleton {
    pub neck: Point,
    pub hip: Point,
    pub shoulder: f32,
    pub waist: f32,
    pub waist_y: f32,
    pub hip_half: f32,
    pub thickness: f32,
    pub leg_length: f32,
    /// Shoulder, elbow, wrist; left, right.
    pub arms: [[Point; 3]; 2],
    /// Hip, knee, ankle; left, right.
    pub legs: [[Point; 3]; 2],
}

impl Skeleton {
    pub fn new(p: &Proportions, pose: &Pose) -> Self {
        let hip = at(pose.lean, p.hip_y());
        // A turned body is narrower.
        let narrow = 1.0 - 0.28 * pose.turn.abs();
        let bones = |root: Point, side: f32, [a, b]: [f32; 2], length: f32| {
            let joint = at(root.x + side * a.sin() * length, root.y + a.cos() * length);
            [root, joint, at(joint.x + side * b.sin() * length, joint.y + b.cos() * length)]
        };
        let limbs = |i: usize| {
            let side = if i == 0 { -1.0 } else { 1.0 };
            let shoulder = at(
                side * (p.shoulder * narrow - p.thickness * 0.6),
                p.shoulder_y() + p.thickness * 0.75,
            );
            let hip = at(hip.x + side * (p.hip * narrow - p.thickness * 1.15).max(0.02), hip.y - 0.05);
            (
                bones(shoulder, side, pose.arms[i], p.arm),
                bones(hip, side, pose.legs[i], p.leg),
            )
        };
        let (left, right) = (limbs(0), limbs(1));
        Self {
            neck: at(0.0, 1.2),
            hip,
            shoulder: p.shoulder * narrow,
            waist: p.waist * narrow,
            waist_y: 1.3 + p.torso * 0.62,
            hip_half: p.hip * narrow,
            thickness: p.thickness,
            leg_length: p.leg,
            arms: [left.0, right.0],
            legs: [left.1, right.1],
        }
    }
}

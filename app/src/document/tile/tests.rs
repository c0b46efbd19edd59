use super::*;

#[test]
fn unpainted_tiles_take_no_memory() {
    let mut grid = TileGrid::<u8>::new([600, 300]);
    assert_eq!([grid.columns(), grid.rows()], [3, 2]);
    assert_eq!(grid.bytes_beyond(None), 0);
    grid.tile_mut(2, 1)[0] = 7;
    assert_eq!(grid.pixel(512, 256), 7);
    assert_eq!(grid.pixel(9999, 9999), 0);
    assert_eq!(grid.bytes_beyond(None), 65536);
    assert_eq!(grid.bounds(), Rect::new(512, 256, 600, 300));
}

#[test]
fn writing_unshares_one_tile() {
    let mut grid = TileGrid::<[u8; 4]>::with_pixels([512, 256], [0, 0], 512, &vec![[1, 2, 3, 255]; 512 * 256]);
    let before = grid.clone();
    grid.tile_mut(1, 0)[0] = [9; 4];
    assert_eq!([before.bytes(), grid.bytes()], [262_144, 524_288], "one colour is one tile");
    assert_eq!(before.pixel(256, 0), [1, 2, 3, 255]);
    assert_eq!(grid.pixel(256, 0), [9; 4]);
    assert_eq!(grid.bytes_beyond(Some(&before)), 262_144);
    assert_eq!(grid.tile(0, 0).map(Tile::revision), before.tile(0, 0).map(Tile::revision));
}

#[test]
fn many_tiles_are_written_at_a_time_and_the_others_stay() {
    let before = TileGrid::<u8>::filled([600, 300], 7);
    let mut grid = before.clone();
    let write = |span: TileSpan, pixels: &mut [u8]| {
        for y in span.rect.top..span.rect.bottom {
            pixels[span.range(y)].fill(span.column as u8);
        }
    };
    grid.write_tiles(Rect::new(250, 10, 600, 20), |span| span.column != 1, write);
    assert_eq!([0, 250, 256, 599].map(|x| grid.pixel(x, 10)), [7, 0, 7, 2]);
    assert_eq!([9, 20].map(|y| grid.pixel(599, y)), [7, 7]);
    assert_eq!(grid.tile(1, 0).map(Tile::revision), before.tile(1, 0).map(Tile::revision));
    assert_eq!(before.pixel(599, 10), 7);
}

#[test]
fn pixels_are_laid_and_copied_across_tiles_and_edges() {
    let picture: Vec<u8> = (1..=12).collect();
    let grid = TileGrid::with_pixels([300, 300], [-1, 255], 4, &picture);
    assert_eq!(
        grid.copy(Rect::new(0, 254, 4, 258)),
        [0, 0, 0, 0, 2, 3, 4, 0, 6, 7, 8, 0, 10, 11, 12, 0]
    );
    assert_eq!(
        TileGrid::with_pixels([8, 8], [i32::MIN, i32::MAX], 4, &picture).bounds(),
        Rect::EMPTY
    );
    assert!(TileGrid::with_pixels([8, 8], [0, 0], 4, &[0u8; 16]).bounds().is_empty());
}

#[test]
fn spans_cut_the_area_at_tile_edges() {
    let grid = TileGrid::<u8>::new([512, 512]);
    let spans: Vec<_> = grid
        .spans(Rect::new(250, 10, 260, 12))
        .map(|s| (s.column, s.row, s.rect))
        .collect();
    assert_eq!(
        spans,
        [(0, 0, Rect::new(250, 10, 256, 12)), (1, 0, Rect::new(256, 10, 260, 12))]
    );
    assert_eq!(grid.spans(Rect::EMPTY).count(), 0);
}

/* Strokes painted by libmypaint, for the benchmark tests/benches/paint.rs:
 *   mypaint SIDE STROKES.csv RADIUS HARDNESS SPACING RUNS
 * prints the dabs of a run and the seconds of the fastest. SPACING is a share of the diameter. */
#include <libmypaint/mypaint-brush.h>
#include <libmypaint/mypaint-fixed-tiled-surface.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct { int stroke; double seconds; float x, y, pressure; } Sample;

static MyPaintSurfaceDrawDabFunction draw;
static long dabs;

static int counted(MyPaintSurface *self, float x, float y, float radius, float r, float g, float b, float opaque, float hardness,
                   float alpha_eraser, float aspect_ratio, float angle, float lock_alpha, float colorize) {
    dabs++;
    return draw(self, x, y, radius, r, g, b, opaque, hardness, alpha_eraser, aspect_ratio, angle, lock_alpha, colorize);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int count, char **arguments) {
    if (count != 7) return 2;
    const int side = atoi(arguments[1]), runs = atoi(arguments[6]);
    const double radius = atof(arguments[3]), hardness = atof(arguments[4]), spacing = atof(arguments[5]);
    FILE *file = fopen(arguments[2], "r");
    if (!file) return 3;
    Sample *samples = NULL;
    size_t length = 0, room = 0;
    char line[256];
    while (fgets(line, sizeof line, file)) {
        Sample s;
        if (sscanf(line, "%d,%lf,%f,%f,%f", &s.stroke, &s.seconds, &s.x, &s.y, &s.pressure) != 5) continue;
        if (length == room) samples = realloc(samples, (room = room ? room * 2 : 256) * sizeof *samples);
        samples[length++] = s;
    }
    fclose(file);
    MyPaintBrush *brush = mypaint_brush_new();
    mypaint_brush_from_defaults(brush);
    mypaint_brush_set_mapping_n(brush, MYPAINT_BRUSH_SETTING_OPAQUE_MULTIPLY, MYPAINT_BRUSH_INPUT_PRESSURE, 0);
    mypaint_brush_set_base_value(brush, MYPAINT_BRUSH_SETTING_OPAQUE_MULTIPLY, 1.0f);
    mypaint_brush_set_base_value(brush, MYPAINT_BRUSH_SETTING_OPAQUE_LINEARIZE, 0.0f);
    mypaint_brush_set_base_value(brush, MYPAINT_BRUSH_SETTING_OPAQUE, 1.0f);
    mypaint_brush_set_base_value(brush, MYPAINT_BRUSH_SETTING_RADIUS_LOGARITHMIC, (float)log(radius));
    mypaint_brush_set_base_value(brush, MYPAINT_BRUSH_SETTING_HARDNESS, (float)hardness);
    mypaint_brush_set_base_value(brush, MYPAINT_BRUSH_SETTING_DABS_PER_ACTUAL_RADIUS, (float)(0.5 / spacing));
    mypaint_brush_set_base_value(brush, MYPAINT_BRUSH_SETTING_DABS_PER_BASIC_RADIUS, 0.0f);
    double best = 1e300;
    for (int run = 0; run < runs; run++) {
        MyPaintFixedTiledSurface *tiled = mypaint_fixed_tiled_surface_new(side, side);
        MyPaintSurface *surface = mypaint_fixed_tiled_surface_interface(tiled);
        draw = surface->draw_dab;
        surface->draw_dab = counted;
        dabs = 0;
        const double begun = now();
        for (size_t i = 0; i < length; i++) {
            const Sample s = samples[i];
            const int first = i == 0 || samples[i - 1].stroke != s.stroke;
            if (first) {
                mypaint_brush_reset(brush);
                mypaint_brush_new_stroke(brush);
            }
            MyPaintRectangle changed;
            mypaint_surface_begin_atomic(surface);
            mypaint_brush_stroke_to(brush, surface, s.x, s.y, s.pressure, 0, 0, first ? 0.0 : s.seconds - samples[i - 1].seconds);
            mypaint_surface_end_atomic(surface, &changed);
        }
        const double taken = now() - begun;
        if (taken < best) best = taken;
        mypaint_surface_unref(surface);
    }
    printf("%ld %.6f\n", dabs, best);
    return 0;
}

#!/bin/sh
# Renders the pictures of this folder from their drawings (needs rsvg-convert and ImageMagick).
set -e
cd "$(dirname "$0")"
mask='path, ellipse, circle { fill: #fff !important; stroke: #fff !important; opacity: 1 !important } .open { fill: none !important } #background { display: none }'

# picture DRAWING STYLE OUT: the drawing with more style, as a PNG.
picture() { sed "s|</style>|$2</style>|" "$1" | rsvg-convert -w 768 -h 768 | convert - -background white -flatten -strip "png24:$3"; }
# silhouette DRAWING OUT: its figure in white on black.
silhouette() { sed -e "s|</style>|$mask</style>|" -e 's|<rect[^>]*/>|<rect width="768" height="768" fill="#000"/>|' -e 's|filter="url(#nib)"||' "$1" | rsvg-convert -w 768 -h 768 | convert - -colorspace Gray -threshold 50% -strip "png:$2"; }

picture drawing.svg '' sketch.png
convert sketch.png -colorspace Gray -strip sketch.png
silhouette drawing.svg sketch-mask.png
picture reference.svg '' reference.png
picture reference.svg "$(tr '\n' ' ' < dusk.css)" reference-2.png
silhouette reference.svg reference-mask.png
cp reference-mask.png reference-2-mask.png
picture reference.svg "$(tr '\n' ' ' < dusk.css) #figure { display: none }" background.png

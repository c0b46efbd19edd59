//! The table of commands.

use super::{Entry, Menu, Workspace};

/// Where a group of the table can be issued.
macro_rules! workspace {
    (everywhere) => {
        None
    };
    (studio) => {
        Some(Workspace::Studio)
    };
    (swap_board) => {
        Some(Workspace::SwapBoard)
    };
    (gallery) => {
        Some(Workspace::Gallery)
    };
}

macro_rules! keys {
    () => {
        None
    };
    ($keys:literal) => {
        Some($keys)
    };
}

/// Makes the type and its rows of the same table, so that a command is its row's number.
macro_rules! commands {
    ($(in $place:ident, $menu:ident { $($command:ident $label:literal $(= $keys:literal)?;)+ })+) => {
        /// Something to do. Which keys issue it is the business of [`super::Keymap`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Command {
            $($($command,)+)+
        }

        /// In the order of [`Command`], which is that of the menus.
        pub(super) const ENTRIES: &[Entry] = &[$($(Entry {
            command: Command::$command,
            name: stringify!($command),
            workspace: workspace!($place),
            menu: Menu::$menu,
            label: $label,
            shortcut: keys!($($keys)?),
        },)+)+];
    };
}

commands! {
    in everywhere, File {
        New "New…" = "Ctrl+N";
        NewFromSketch "New from a drawing…" = "Ctrl+Alt+N";
        OpenSample "Open the sample";
        Open "Open…" = "Ctrl+O";
        Save "Save" = "Ctrl+S";
        SaveAs "Save as…" = "Ctrl+Shift+S";
    }
    in studio, File {
        Export "Export the picture…" = "Ctrl+Alt+S";
        ExportLayers "Save the layers into a folder…";
    }
    in everywhere, File {
        RestoreWork "Restore unsaved work…";
        Quit "Quit" = "Ctrl+Q";
    }
    in everywhere, Edit {
        Undo "Undo" = "Ctrl+Z";
        Redo "Redo" = "Ctrl+Shift+Z";
    }
    in studio, Edit {
        Cut "Cut" = "Ctrl+X";
        Copy "Copy" = "Ctrl+C";
        CopyMerged "Copy merged" = "Ctrl+Shift+C";
        Paste "Paste" = "Ctrl+V";
        PasteReference "Paste as the reference" = "Ctrl+Shift+R";
        PasteNew "Paste as a new drawing" = "Ctrl+Shift+N";
        SelectAll "Select all" = "Ctrl+A";
        SelectNothing "Deselect" = "Ctrl+Shift+A";
        Reselect "Reselect" = "Ctrl+Shift+D";
        InvertSelection "Invert the selection" = "Ctrl+Shift+I";
        SelectByMask "Select by the mask";
        SelectPainted "Select what is painted";
        FeatherSelection "Feather the selection…" = "Shift+F6";
        GrowSelection "Grow the selection…";
        ShrinkSelection "Shrink the selection…";
        FillBrushColor "Fill with the brush colour" = "Shift+Backspace";
        FillSecondColor "Fill with the second colour" = "Backspace";
        FillBare "Fill what is left";
        Clear "Clear" = "Delete";
        FlipSideways "Flip horizontally";
        FlipUpright "Flip vertically";
        AdjustColors "Adjust colours…" = "Ctrl+U";
        CropToSelection "Crop to the selection";
        CanvasSize "Canvas size…" = "Ctrl+Alt+C";
        ScalePicture "Scale the picture…" = "Ctrl+Alt+I";
    }
    in everywhere, Edit {
        ChangeKeys "Change the keys…";
        PenSettings "Pen settings…";
    }
    in studio, Tool {
        SelectBrush "Brush" = "B";
        SelectEraser "Eraser" = "E";
        SelectFill "Fill" = "F";
        SelectGradient "Gradient" = "G";
        SelectRectangle "Rectangular selection" = "Ctrl+R";
        SelectEllipse "Elliptical selection" = "J";
        SelectLasso "Lasso" = "Shift+L";
        SelectPolygon "Polygonal selection" = "Shift+J";
        SelectWand "Magic wand" = "W";
        SelectMove "Move" = "T";
        SelectTransform "Transform" = "Ctrl+T";
        Apply "Apply" = "Enter";
        SelectPicker "Colour picker" = "P";
        SelectPan "Pan" = "H";
        BrushLarger "Larger brush" = "]";
        BrushSmaller "Smaller brush" = "[";
        BrushHarder "Harder brush" = "Shift+]";
        BrushSofter "Softer brush" = "Shift+[";
        BrushMoreOpaque "More opaque brush" = "O";
        BrushLessOpaque "Less opaque brush" = "I";
        PreviousPreset "Previous brush preset" = "/";
        SavePreset "Save the brush as a preset";
        RemovePreset "Remove the brush preset";
        SwapColors "Swap the two colours" = "X";
        ResetColors "Black and white" = "D";
        DarkenColor "Darker colour" = "K";
        LightenColor "Lighter colour" = "L";
        OpenPalette "Open a palette…";
        SavePalette "Save the palette…";
        AddToPalette "Add the brush colour to the palette";
        AddReferenceColors "Add the reference's colours to the palette";
        NewPalette "New palette";
        RemovePalette "Remove the palette";
        MirrorPaintSideways "Mirror painting left to right";
        MirrorPaintUpright "Mirror painting top to bottom";
        ToggleCarry "Carry strokes on masks across the regions they touch";
    }
    in studio, Layer {
        OpenReference "Open a reference…" = "Ctrl+Alt+R";
        OpenBackground "Open a background reference…";
        RemoveBackground "Remove the background reference";
        ImportSketchMask "Import a sketch mask…";
        ImportReferenceMask "Import a reference mask…";
        ProposeSketchMask "Propose the sketch mask";
        ProposeReferenceMask "Propose the reference mask";
        NewLayer "New layer" = "Insert";
        ImportLayer "Import as a layer…";
        NewHintLayer "New hint layer";
        DuplicateLayer "Duplicate the layer" = "Ctrl+J";
        GroupLayer "Group the layer" = "Ctrl+G";
        MergeDown "Merge down" = "Ctrl+E";
        MergeVisible "Merge visible layers";
        FlattenPicture "Flatten the picture" = "Ctrl+Shift+E";
        RemoveLayer "Remove the layer" = "Shift+Delete";
        RenameLayer "Rename the layer…" = "F2";
        LayerAbove "Select the layer above" = "PageUp";
        LayerBelow "Select the layer below" = "PageDown";
        LayerUp "Move the layer up" = "Ctrl+PageUp";
        LayerDown "Move the layer down" = "Ctrl+PageDown";
        ToggleLayer "Show or hide the layer";
        ToggleLock "Lock or unlock the layer";
        ToggleAlphaLock "Lock or unlock the layer's alpha";
        ToggleClip "Clip to the layer below" = "Ctrl+Shift+G";
        UseAsSketch "Use the layer as the sketch";
        LinesOffPaper "Lines off the paper";
        InvertMask "Invert the mask" = "Ctrl+I";
        ClearMask "Clear the mask";
    }
    in studio, View {
        ToggleSketch "Show the sketch" = "Alt+1";
        ToggleTake "Show the colour" = "Alt+2";
        ToggleMaskOverlay "Show the masks" = "Ctrl+Shift+H";
        ToggleSelectionOutline "Show the selection's outline" = "Ctrl+H";
        ToggleCells "Show the mask as the model sees it" = "Ctrl+Alt+H";
        ZoomIn "Zoom in" = "+";
        ZoomOut "Zoom out" = "-";
        ZoomActual "Zoom to 100 %" = "1";
        ZoomFit "Fit the canvas" = "2";
        ZoomWidth "Fit the width" = "3";
        RotateLeft "Rotate the view left" = "4";
        RotateRight "Rotate the view right" = "6";
        ResetRotation "Reset the view's rotation" = "5";
        ResetView "Reset the view" = "Ctrl+0";
        MirrorView "Mirror the view" = "M";
        TogglePaper "Show the paper";
        TogglePixelGrid "Show the pixel grid" = "Ctrl+Shift+'";
        ToggleCanvasOnly "Canvas only" = "Tab";
        ShowLayers "Layers panel" = "F7";
        ShowColor "Colour panel" = "F6";
        ShowHistory "History panel" = "F8";
    }
    in everywhere, View {
        ToggleFullScreen "Full screen" = "Ctrl+Shift+F";
        RenewWindow "Reopen the window";
        ShowStudio "Go to the studio" = "Ctrl+1";
        ShowSwapBoard "Go to the swap board" = "Ctrl+2";
        ShowGallery "Go to the gallery" = "Ctrl+3";
    }
    in gallery, View {
        ShowGrid "Grid" = "G";
        ShowLoupe "Loupe" = "E";
        Compare "Compare" = "C";
        Survey "Survey" = "N";
        BlindReview "Blind review" = "B";
        ToggleLines "Show the sketch" = "S";
        NextPicture "Next picture" = "Right";
        PreviousPicture "Previous picture" = "Left";
        PictureBelow "Picture below" = "Down";
        PictureAbove "Picture above" = "Up";
        PicturesPageDown "Page down" = "PageDown";
        PicturesPageUp "Page up" = "PageUp";
        FirstPicture "First picture" = "Home";
        LastPicture "Last picture" = "End";
        BesideEachOther "Side by side" = "Y";
        Wipe "Wipe" = "W";
        Difference "Difference" = "D";
        Onion "Onion" = "O";
        Flicker "Flicker" = "\\";
        WholePictures "Whole pictures" = "Shift+W";
        FigureOnly "Figure only" = "Shift+F";
        BackgroundOnly "Background only" = "Shift+B";
        SketchOnly "Sketch only" = "Shift+S";
    }
    in studio, Generate {
        Colorize "Colorize" = "Shift+Enter";
        QueueAnother "Queue another, with a new seed" = "Ctrl+Enter";
        CancelOne "Cancel the current picture" = "Shift+X";
        ToggleLive "Live" = "Ctrl+Shift+L";
        KeepLive "Keep the live picture" = "Ctrl+Shift+Enter";
        NewSeed "New seed";
        PreviousTake "Previous take" = ",";
        NextTake "Next take" = ".";
        CompareTakes "Compare two takes" = "C";
        PickTake "Pick or unpick the take";
        UseRecipe "Bring back the take's recipe";
        TakeToLayer "Take to a paint layer";
        SendAsFlats "Send the take to layers as flats…";
        ReviewTakes "Look through the takes in the gallery…" = "Ctrl+Alt+G";
        AddAdapter "Add an adapter…";
    }
    in everywhere, Generate {
        Train "Train on your own pictures…";
        ChooseTrainingPictures "Choose the pictures to train on…";
        ManageModels "Models…";
        AddModel "Add a model file…";
    }
    in everywhere, File {
        OpenFolder "Open a folder in the gallery…" = "Ctrl+Shift+O";
        ReviewSampleShot "Look through the sample shot";
    }
    in gallery, File {
        ExportSheet "Export a contact sheet…" = "Ctrl+P";
        ExportPicked "Copy the picked pictures…" = "Ctrl+Shift+E";
        ExportDecisions "Export the decisions…";
        ExportRanking "Export the ranking…";
    }
    in gallery, Generate {
        MakeAgain "Make this again" = "Ctrl+R";
        AnotherSeed "Same with another seed" = "Ctrl+Shift+R";
        OpenInStudio "Open in the studio" = "Ctrl+E";
    }
    in gallery, Edit {
        SelectAllPictures "Select all" = "Ctrl+A";
        SelectPicked "Select the picked" = "Ctrl+Alt+A";
        SelectThisAlone "Select this picture alone" = "Ctrl+Shift+D";
        LetGo "Take this picture out of the selection" = "/";
        SelectOnRight "Extend the selection right" = "Shift+Right";
        SelectOnLeft "Extend the selection left" = "Shift+Left";
        SelectOnBelow "Extend the selection a row down" = "Shift+Down";
        SelectOnAbove "Extend the selection a row up" = "Shift+Up";
        SelectToFirst "Extend the selection to the first picture" = "Shift+Home";
        SelectToLast "Extend the selection to the last picture" = "Shift+End";
    }
    in gallery, View {
        ClearFilters "Remove all filters" = "Ctrl+L";
    }
    in gallery, Review {
        RateNone "No stars" = "0";
        RateOne "1 star" = "1";
        RateTwo "2 stars" = "2";
        RateThree "3 stars" = "3";
        RateFour "4 stars" = "4";
        RateFive "5 stars" = "5";
        Pick "Pick" = "P";
        Reject "Reject" = "X";
        Unflag "Unflag" = "U";
        LabelRed "Red label" = "6";
        LabelYellow "Yellow label" = "7";
        LabelGreen "Green label" = "8";
        LabelBlue "Blue label" = "9";
        ToggleAdvance "Advance after each decision" = "CapsLock";
    }
    in swap_board, File {
        OpenSampleShot "Open the sample shot";
        AddSketches "Add sketches…" = "Ctrl+Shift+K";
        AddSketchFolder "Add a folder of sketches…";
        AddSequence "Add a numbered sequence…";
        AddReferences "Add references…" = "Ctrl+Shift+R";
        AddReferenceFolder "Add a folder of references…";
        AddFromStudio "Add what is open in the studio";
        AddLayers "Add the studio's layers as sketches";
        AddLayerReferences "Add the studio's layers as references";
        ExportBoard "Save the board into a folder…" = "Ctrl+Alt+S";
        ExportFrames "Save the chosen frames into a folder…";
        ReviewBoard "Look through the takes in the gallery…" = "Ctrl+Alt+G";
    }
    in swap_board, Board {
        ReplaceReference "Replace the reference…";
        PairBackground "Add a background to the reference…";
        UnpairBackground "Remove the reference's background";
        MaskReference "Add a mask to the reference…";
        MaskSketch "Add a mask to the sketch…";
        ToggleReferenceMask "Use the reference's mask" = "M";
        RemoveSketch "Remove the sketch" = "Delete";
        RemoveReference "Remove the reference" = "Shift+Delete";
        SketchUp "Move the sketch up" = "Ctrl+Up";
        SketchDown "Move the sketch down" = "Ctrl+Down";
        ReferenceLeft "Move the reference left" = "Ctrl+Left";
        ReferenceRight "Move the reference right" = "Ctrl+Right";
    }
    in swap_board, View {
        ShowBoard "Board" = "G";
        ShowSideBySide "Side by side" = "E";
        ShowWipe "Wipe" = "W";
        ShowDifference "Difference" = "D";
        PlayFrames "Play the frames" = "Space";
        LockZoom "Lock the zoom over all cells" = "L";
        FitCells "Fit the pictures" = "2";
        ToggleDrift "Show the drift of colours" = "T";
        ToggleColorModel "Show the colour model" = "K";
        CellRight "Cell to the right" = "Right";
        CellLeft "Cell to the left" = "Left";
        CellBelow "Cell below" = "Down";
        CellAbove "Cell above" = "Up";
    }
    in swap_board, Generate {
        FillBoard "Fill the board" = "Shift+Enter";
        PauseBoard "Pause" = "Ctrl+.";
        RunCellAgain "Run the cell again" = "R";
        CancelCell "Cancel the cell" = "X";
        CancelRow "Cancel the row" = "Shift+X";
        CancelBoard "Cancel all cells" = "Ctrl+Shift+X";
        ToggleRowNoise "Noise of its own for each row" = "N";
        NewBoardSeed "New noise";
    }
    in swap_board, Board {
        ChooseReference "Use this reference for all frames" = "P";
        UseReference "Use this reference in the studio" = "Ctrl+Enter";
        OpenCell "Open the cell in the studio" = "Enter";
    }
    in everywhere, Generate {
        Cancel "Cancel" = "Escape";
    }
    in everywhere, Help {
        FindCommand "Find a command…" = "Ctrl+K";
        About "About Shiage";
    }
}

%% Only its name matters.

%%% Stand-in: what is known of a session's connection up to 6.3.3.
-module(mongoose_c2s_socket).

-export([get_ip/1, get_conn_type/1, is_ssl/1]).

get_ip({_Kind, Address}) -> Address.

get_conn_type({tls, _}) -> c2s_tls;
get_conn_type({_Kind, _}) -> c2s.

is_ssl({Kind, _}) -> Kind =:= tls.
